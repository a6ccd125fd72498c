import { readFileSync, statSync } from 'node:fs'
import type { Logger } from 'pino'

export interface TlsFiles {
  /** PEM; the system's authorities when left out. */
  readonly caFile?: string | undefined
  /** PEM certificate and key of this client, for mTLS. */
  readonly certFile?: string | undefined
  readonly keyFile?: string | undefined
  readonly keyPassphrase?: string | undefined
  /** False accepts any server certificate: for tests. */
  readonly verifyServer?: boolean | undefined
}

export interface TlsMaterial {
  readonly ca?: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
  readonly passphrase?: string
  readonly rejectUnauthorized: boolean
}

/**
 * The certificate files' contents for the next connection, read again when a file has changed, so that a rotated certificate
 * needs no restart. Throws at creation when a file cannot be read; later the last good contents stay in use, with a warning.
 */
export function createTlsFiles(files: TlsFiles, { log }: { log: Logger }): () => TlsMaterial {
  const paths = [files.caFile, files.certFile, files.keyFile].filter((path) => path !== undefined)
  let stamp = stampOf(paths)
  let material = read(files)
  return () => {
    try {
      const newStamp = stampOf(paths)
      if (newStamp === stamp) return material
      material = read(files)
      stamp = newStamp
      log.info({ files: paths }, 'kafka certificates read again')
    } catch (error) {
      log.warn({ err: error, files: paths }, 'changed kafka certificates cannot be read, the old ones stay in use')
    }
    return material
  }
}

function read(files: TlsFiles): TlsMaterial {
  return {
    ...(files.caFile === undefined ? {} : { ca: readFileSync(files.caFile) }),
    ...(files.certFile === undefined ? {} : { cert: readFileSync(files.certFile) }),
    ...(files.keyFile === undefined ? {} : { key: readFileSync(files.keyFile) }),
    ...(files.keyPassphrase === undefined ? {} : { passphrase: files.keyPassphrase }),
    rejectUnauthorized: files.verifyServer ?? true,
  }
}

function stampOf(paths: readonly string[]): string {
  return paths
    .map((path) => {
      const { mtimeMs, size, ino } = statSync(path)
      return `${mtimeMs}/${size}/${ino}`
    })
    .join(' ')
}
