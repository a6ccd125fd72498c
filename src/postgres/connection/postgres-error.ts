import { parseUrl } from '../../addresses/url.ts'
/** A failure of Postgres, without secrets in its text. */
export class PostgresError extends Error {
  override readonly name = 'PostgresError'
  readonly code = 'BRIDGE_POSTGRES'
  /** True if the same statement would always fail, because the data is wrong. */
  readonly isPermanent: boolean
  readonly sqlState: string | undefined

  constructor(message: string, { isPermanent = false, sqlState }: { isPermanent?: boolean; sqlState?: string | undefined } = {}) {
    super(message)
    this.isPermanent = isPermanent
    this.sqlState = sqlState
  }
}

/** SQLSTATE classes of data exceptions and integrity violations. Everything else may succeed later. */
const PERMANENT_CLASSES = new Set(['22', '23'])

/** What to do about the failures that operators meet. */
const ADVICE: Readonly<Record<string, string>> = {
  '25006': 'the server takes no changes: banlist_db should lead to the primary server',
  '42501': 'the role of banlist_db lacks a right: docs/postgres.md lists the grants',
  '53300': 'the server has no connection left: docs/postgres.md says how many an instance takes',
  '54000': 'the NOTIFY queue is full: a session listens and does not read, see pg_notification_queue_usage()',
}

/** `context` is shown behind the message: which setting to look at. */
export function postgresError(error: unknown, secrets: readonly string[], context?: string): PostgresError {
  if (error instanceof PostgresError) return error
  const sqlState = sqlStateOf(error)
  const [firstLine = ''] = redact(messageOf(error), secrets).split('\n') // more lines are a stack, which is not for readers of readyz
  const about = [sqlState && `SQLSTATE ${sqlState}`, sqlState && ADVICE[sqlState], context].filter(Boolean).join('; ')
  const isPermanent = PERMANENT_CLASSES.has(sqlState?.slice(0, 2) ?? '')
  return new PostgresError(about === '' ? firstLine : `${firstLine} (${about})`, { isPermanent, sqlState })
}

/** The secrets that no message may show: the password, as written and decoded. Throws if the text is not a connection string. */
export function secretsOf(connectionString: string): string[] {
  const url = parseUrl(connectionString)
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new Error('banlist_db is not a Postgres connection string: it looks like postgres://user:password@host:5432/database')
  }
  const password = url.password || (url.searchParams.get('password') ?? '')
  return [connectionString, password, decoded(password), url.searchParams.get('password') ?? ''].filter((secret) => secret !== '')
}

/** A host name with several addresses, none of which answers, gives an AggregateError with an empty message. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return [...new Set(error.errors.map(messageOf))].join(', ')
  return error instanceof Error ? error.message || error.name : String(error)
}

function redact(message: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret, '***'), message)
}

function sqlStateOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a stray percent sign: taken as written
  }
}
