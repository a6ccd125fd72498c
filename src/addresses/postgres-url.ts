import { parseUrl } from './url.ts'
/** How far a connection to Postgres is secured, as libpq means it (PostgreSQL documentation, "SSL Support"). */
export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'

export interface PostgresSsl {
  readonly mode: SslMode
  /** Path of a PEM file with certificate authorities; null: those that Node.js trusts. */
  readonly rootCertificate: string | null
  readonly certificate: string | null
  readonly key: string | null
}

export interface PostgresUrl {
  /** The URL without the parameters of TLS, for the driver, which means other things by them. */
  readonly href: string
  readonly ssl: PostgresSsl
}

const SSL_MODES: readonly string[] = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']
/** What the drivers of Node.js and Java call some modes. */
const MODE_OF_SSL: Readonly<Record<string, SslMode>> = {
  true: 'verify-full',
  1: 'verify-full',
  false: 'disable',
  0: 'disable',
  'no-verify': 'require',
}
const SSL_PARAMETERS = ['ssl', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslnegotiation', 'uselibpqcompat', 'channel_binding']

/** The fault of a text that is no usable connection string. No fault repeats any part of it, because that part may be the password. */
export interface PostgresUrlFault {
  readonly fault: string
}

/** Reads `postgres://user:password@host:port/database?sslmode=...`. */
export function parsePostgresUrl(text: string): PostgresUrl | PostgresUrlFault {
  const url = /^postgres(ql)?:\/\//.test(text) ? parseUrl(text) : undefined
  if (!url) return { fault: 'is no connection string such as postgres://user:password@host:5432/database' }
  if (url.hash !== '' || /[@]/.test(url.pathname + url.search))
    return { fault: 'has a "/", "?", "#" or "@" in its password: write %2F, %3F, %23 and %40 there' }
  const ssl = sslOf(url.searchParams)
  if ('fault' in ssl) return ssl
  for (const name of SSL_PARAMETERS) url.searchParams.delete(name)
  return { href: url.href, ssl }
}

function sslOf(parameters: URLSearchParams): PostgresSsl | PostgresUrlFault {
  const word = parameters.get('sslmode') ?? MODE_OF_SSL[parameters.get('ssl') ?? ''] ?? 'prefer'
  if (!SSL_MODES.includes(word)) return { fault: `has an sslmode that does not exist: it is one of ${SSL_MODES.join(', ')}` }
  const root = parameters.get('sslrootcert')
  // libpq: a root certificate makes `require` verify the authority, and `system` goes with `verify-full` only.
  const mode = word === 'require' && root !== null ? 'verify-ca' : (word as SslMode)
  if (mode === 'verify-ca' && (root === null || root === 'system'))
    return { fault: 'has sslmode=verify-ca without sslrootcert: name a PEM file with the authority, or use verify-full' }
  return {
    mode,
    rootCertificate: root === 'system' ? null : root,
    certificate: parameters.get('sslcert'),
    key: parameters.get('sslkey'),
  }
}
