import { readFile } from 'node:fs/promises'
import { createSecureContext, type TlsOptions } from 'node:tls'

export interface TlsFiles {
  readonly certFile: string
  readonly keyFile: string
}

/** Certificate and key as they are in the files now. Rejects with a sentence that names the setting. */
export async function readTlsFiles({ certFile, keyFile }: TlsFiles): Promise<TlsOptions> {
  const [cert, key] = await Promise.all([read('server_certFile', certFile), read('server_keyFile', keyFile)])
  try {
    createSecureContext({ cert, key })
  } catch (cause) {
    throw new Error(`server_certFile ${certFile} and server_keyFile ${keyFile} are not a PEM certificate and its key`, { cause })
  }
  return { cert, key }
}

async function read(setting: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new Error(`${setting} ${file || '(empty)'} cannot be read; TLS (securityLevelGRPC above 0) needs it`, { cause })
  }
}
