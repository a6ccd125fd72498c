import type { Clock } from '../lifecycle/clock.ts'
import { callWithDeadline } from '../lifecycle/time.ts'
import type { SchemaLookup } from '../messages/codec/avro-framing.ts'
import type { SchemaVersion } from '../messages/codec/schemas.ts'
import { RetryLaterError } from '../messages/errors.ts'
import { VALUE_ROLES, type ValueRole } from '../messages/topics.ts'

export interface RegistryClientOptions {
  /** Base URL of a registry with Confluent's REST interface. Credentials in it are sent as basic authentication. */
  readonly url: string
  /** The effective names of the topics: a subject is `<topic>-value`. */
  readonly topics: Readonly<Record<ValueRole, string>>
  readonly timeoutMs?: number
  /** How long an id counts as unknown before the registry is asked again. */
  readonly unknownForMs?: number
}

export interface RegistryClientDeps {
  readonly fetch?: typeof globalThis.fetch
  readonly clock: Pick<Clock, 'steady'>
  /** Called when a request to the registry failed. The flows report the wait. */
  readonly onTrouble?: (error: unknown) => void
}

/** Client of an external schema registry. Asks it at start and for unknown ids, never on the hot path. */
export interface RegistryClient {
  /**
   * Returns the bridge's schemas with the registry's ids, and registers the missing ones. Throws RetryLaterError while the registry
   * is unavailable, and an Error that names the subject when it refuses a schema.
   */
  register(schemas: readonly SchemaVersion[]): Promise<SchemaVersion[]>
  /** The subjects that lack one of the schemas; registers nothing. Throws as `register` does. */
  missing(schemas: readonly SchemaVersion[]): Promise<string[]>
  /** Answers at once from memory, and asks the registry in the background about unknown ids. */
  readonly lookup: SchemaLookup
  /** Aborts all requests. */
  stop(): void
}

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json'
const MAX_ANSWER_BYTES = 1024 * 1024
const MAX_REMEMBERED = 1000
const MAX_UNDER_WAY = 4

type Known = { readonly schemaText: string } | { readonly unknownUntil: number }

export function createRegistryClient(options: RegistryClientOptions, deps: RegistryClientDeps): RegistryClient {
  const { topics, unknownForMs = 30_000 } = options
  const { clock, onTrouble = () => {} } = deps
  const stopped = new AbortController()
  const call = createCall(options, deps, stopped.signal)
  const known = new Map<number, Known>()
  const underWay = new Set<number>()

  const remember = (id: number, entry: Known): void => {
    for (const oldest of known.keys()) {
      if (known.size < MAX_REMEMBERED) break
      known.delete(oldest)
    }
    known.set(id, entry)
  }

  const ask = async (id: number): Promise<void> => {
    underWay.add(id)
    try {
      const { status, json } = await call('GET', `/schemas/ids/${id}`)
      const schemaText = status === 200 ? textOf(json, 'schema') : undefined
      if (schemaText !== undefined) remember(id, { schemaText })
      else if (status === 404) remember(id, { unknownUntil: clock.steady() + unknownForMs })
      else onTrouble(new RetryLaterError(`the schema registry does not return schema ${id}: it answers with status ${status}`))
    } catch (error) {
      onTrouble(error)
    } finally {
      underWay.delete(id)
    }
  }

  return {
    async register(schemas) {
      const registered = await Promise.all(
        VALUE_ROLES.map(async (role) => {
          const versions: SchemaVersion[] = []
          // One after the other, so that an empty registry numbers them as we do.
          for (const schema of schemas.filter((each) => each.role === role)) {
            versions.push({ ...schema, id: await registeredId(call, `${topics[role]}-value`, schema.text) })
          }
          return versions
        }),
      )
      return registered.flat()
    },
    async missing(schemas) {
      const looks = schemas.map(async ({ role, text }) => {
        const subject = `${topics[role]}-value`
        return (await lookUp(call, subject, text)).status === 200 ? [] : [subject]
      })
      return [...new Set((await Promise.all(looks)).flat())]
    },
    lookup: (id) => {
      const entry = known.get(id)
      if (entry && 'schemaText' in entry) return entry
      if (entry && entry.unknownUntil > clock.steady()) return 'unknown'
      if (!underWay.has(id) && underWay.size < MAX_UNDER_WAY && !stopped.signal.aborted) void ask(id)
      return 'pending'
    },
    stop: () => stopped.abort(new Error('the registry client has stopped')),
  }
}

/** Looks the schema up first, so a bridge that may not register works when the schemas exist. */
async function registeredId(call: Call, subject: string, schema: string): Promise<number> {
  let answer = await lookUp(call, subject, schema)
  if (answer.status === 404) answer = await call('POST', `${pathOf(subject)}/versions`, JSON.stringify({ schema }))
  const id = answer.status === 200 && isObject(answer.json) ? answer.json.id : undefined
  if (typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < 2 ** 32) return id
  const said = textOf(answer.json, 'message') ?? 'no reason given'
  throw new Error(
    `the schema registry refuses the schema of ${subject} (status ${answer.status}: ${said}); allow the bridge to register it, or register schemas/avro by hand`,
  )
}

/** Whether the subject has the schema: status 200, or 404. Changes nothing. */
function lookUp(call: Call, subject: string, schema: string): Promise<Answered> {
  return call('POST', pathOf(subject), JSON.stringify({ schema }))
}

function pathOf(subject: string): string {
  return `/subjects/${encodeURIComponent(subject)}`
}

interface Answered {
  readonly status: number
  readonly json: unknown
}
type Call = (method: 'GET' | 'POST', path: string, body?: string) => Promise<Answered>

/** One request with a deadline and a bounded answer. Every transient failure is a RetryLaterError. */
function createCall(
  { url, timeoutMs = 5000 }: RegistryClientOptions,
  { fetch = globalThis.fetch }: RegistryClientDeps,
  stopped: AbortSignal,
): Call {
  const { base, headers } = target(url)
  return async (method, path, body) => {
    const request = { method, headers, redirect: 'error', ...(body === undefined ? {} : { body }) } as const
    try {
      const { status, text } = await callWithDeadline({ ms: timeoutMs, what: 'the answer', signal: stopped }, async (signal) => {
        const response = await fetch(base + path, { ...request, signal })
        return { status: response.status, text: await boundedText(response) }
      })
      if (status >= 500 || status === 429) throw new Error(`it answers with status ${status}`)
      return { status, json: parsedOrNull(text) }
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error)
      throw new RetryLaterError(`the request to the schema registry at ${base} failed: ${detail}`, { cause: error })
    }
  }
}

function target(url: string): { base: string; headers: Record<string, string> } {
  const parsed = new URL(url)
  const headers: Record<string, string> = { accept: CONTENT_TYPE, 'content-type': CONTENT_TYPE }
  if (parsed.username || parsed.password) {
    const credentials = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`
    headers.authorization = `Basic ${Buffer.from(credentials).toString('base64')}`
  }
  return { base: `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`, headers }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) throw new Error(`its answer exceeds ${MAX_ANSWER_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // the caller reports the status
  }
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null
}

function textOf(json: unknown, name: string): string | undefined {
  const text = isObject(json) ? json[name] : undefined
  return typeof text === 'string' ? text : undefined
}
