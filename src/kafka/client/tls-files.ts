import { readFileSync, statSync } from 'node:fs'
import type { Logger } from 'pino'

/** Paths of PEM files. */
export interface TlsFiles {
  /** The authorities that may sign the brokers' certificates; the system's when left out. */
  readonly ca?: string | undefined
  /** This client's certificate and key, for mTLS. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly keyPassphrase?: string | undefined
}

export interface TlsMaterial {
  readonly ca?: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
  readonly passphrase?: string
}

/**
 * Returns the contents of the certificate files for the next connection. They are read again when a file has changed, so a rotated
 * certificate needs no restart. Throws at creation when a file cannot be read; later the last good contents stay in use, with a warning.
 */
export function createTlsFiles(files: TlsFiles, { log }: { log: Logger }): () => TlsMaterial {
  const paths = [files.ca, files.cert, files.key].filter((path) => path !== undefined)
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
    ...(files.ca === undefined ? {} : { ca: readFileSync(files.ca) }),
    ...(files.cert === undefined ? {} : { cert: readFileSync(files.cert) }),
    ...(files.key === undefined ? {} : { key: readFileSync(files.key) }),
    ...(files.keyPassphrase === undefined ? {} : { passphrase: files.keyPassphrase }),
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
