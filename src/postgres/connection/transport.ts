import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import type { PostgresSsl } from '../../addresses/postgres-url.ts'

/** What the driver takes as `ssl`. */
export type DriverSsl = false | ConnectionOptions

/**
 * How to connect: with or without TLS. The modes `allow` and `prefer` of libpq have two ways, of which the second is tried when the
 * first does not work; the way that worked last is tried first.
 */
export interface Transport {
  current(): DriverSsl
  /** Whether the other way may work after this failure. It is then the current one. */
  switchAfter(error: unknown): boolean
}

/** "No pg_hba.conf entry for this host, with or without encryption." */
const INVALID_AUTHORIZATION = '28000'

/** Throws if a file that the connection string names cannot be read. */
export function createTransport(ssl: PostgresSsl): Transport {
  const ways = waysOf(ssl)
  let index = 0
  return {
    current: () => ways[index] ?? false,
    switchAfter(error) {
      if (ways.length < 2 || !mayDependOnTls(error)) return false
      index = 1 - index
      return true
    },
  }
}

/** Whether a failure comes from TLS, so that sslmode is worth a look. */
export function isTlsFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const errorCode = 'code' in error ? String(error.code) : ''
  return /^ERR_(SSL|TLS|OSSL)|CERT|UNABLE_TO_(VERIFY|GET)|^EPROTO$/.test(errorCode) || /\bSSL connection/.test(error.message)
}

function mayDependOnTls(error: unknown): boolean {
  return isTlsFailure(error) || (error instanceof Error && 'code' in error && error.code === INVALID_AUTHORIZATION)
}

function waysOf(ssl: PostgresSsl): DriverSsl[] {
  const { mode } = ssl
  if (mode === 'disable') return [false]
  const certificates = { ...fileOf('sslcert', 'cert', ssl.certificate), ...fileOf('sslkey', 'key', ssl.key) }
  const trusted = { ...certificates, ...fileOf('sslrootcert', 'ca', ssl.rootCertificate) }
  if (mode === 'verify-full') return [trusted]
  // The authority is verified, and the name is not: certificates of internal authorities often have another one.
  if (mode === 'verify-ca') return [{ ...trusted, checkServerIdentity: () => undefined }]
  const encrypted = { ...certificates, rejectUnauthorized: false }
  if (mode === 'require') return [encrypted]
  return mode === 'allow' ? [false, encrypted] : [encrypted, false]
}

function fileOf(parameter: string, option: 'cert' | 'key' | 'ca', path: string | null): ConnectionOptions {
  if (path === null) return {}
  try {
    return { [option]: readFileSync(path, 'utf8') }
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable'
    throw new Error(`the file that ${parameter} of banlist_db names cannot be read (${reason})`, { cause })
  }
}
