import type { Clock } from '../lifecycle/clock.ts'
import type { SchemaLookup } from '../messages/codec/avro-framing.ts'
import type { SchemaVersion } from '../messages/codec/schemas.ts'
import type { ValueRole } from '../messages/topics.ts'
import { createLookup, type KnownIdsOptions, statusText } from './known-ids.ts'
import { createRegistryCall, type RegistryCall, type RegistryCallOptions } from './registry-call.ts'
import { isObject, textOf } from './text-of.ts'

export interface RegistryClientOptions extends RegistryCallOptions, KnownIdsOptions {
  /** The effective names of the topics: a subject is `<topic>-value`. */
  readonly topics: Readonly<Record<ValueRole, string>>
}

export interface RegistryClientDeps {
  readonly fetch?: typeof globalThis.fetch
  readonly clock: Pick<Clock, 'steady'>
  /** Called when a request in the background failed. */
  readonly onTrouble?: (error: unknown) => void
}

/** Client of an external schema registry. Asks it at start and for unknown ids, never on the hot path. */
export interface RegistryClient {
  /**
   * Returns the bridge's schemas with the registry's ids. Registers the missing ones of `roles`, all by default; others that are
   * missing get the id `NOT_REGISTERED`. Throws RetryLaterError while the registry is unavailable, and an Error that names the subject
   * when it refuses a schema.
   */
  register(schemas: readonly SchemaVersion[], options?: { readonly roles?: readonly ValueRole[] }): Promise<SchemaVersion[]>
  /** The subjects that lack one of the schemas; registers nothing. Throws as `register` does. */
  missing(schemas: readonly SchemaVersion[]): Promise<string[]>
  /** Answers at once from memory, and asks the registry in the background about unknown ids. */
  readonly lookup: SchemaLookup
  /** Aborts all requests. */
  stop(): void
}

/** No value has it: ids are not negative. */
export const NOT_REGISTERED = -1

export function createRegistryClient(options: RegistryClientOptions, deps: RegistryClientDeps): RegistryClient {
  const { topics } = options
  const { clock, onTrouble = () => {} } = deps
  const stopped = new AbortController()
  const call = createRegistryCall(options, deps, stopped.signal)
  const subjectOf = (role: ValueRole) => `${topics[role]}-value`
  return {
    async register(schemas, { roles } = {}) {
      const registered: SchemaVersion[] = []
      // One after the other, in the order of our own ids, so that each new registry gives the same ids.
      for (const schema of schemas.toSorted((one, other) => one.id - other.id)) {
        const mayAdd = roles === undefined || roles.includes(schema.role)
        registered.push({ ...schema, id: await idOf(call, subjectOf(schema.role), schema.text, mayAdd) })
      }
      return registered
    },
    async missing(schemas) {
      const looks = schemas.map(async ({ role, text }) => {
        const subject = subjectOf(role)
        return (await lookUp(call, subject, text)).status === 200 ? [] : [subject]
      })
      return [...new Set((await Promise.all(looks)).flat())]
    },
    lookup: createLookup(options, { call, clock, onTrouble, signal: stopped.signal }),
    stop: () => stopped.abort(new Error('the registry client has stopped')),
  }
}

/** Looks the schema up first, so a bridge that may not register works when the schemas exist. */
async function idOf(call: RegistryCall, subject: string, schema: string, mayAdd: boolean): Promise<number> {
  let answer = await lookUp(call, subject, schema)
  if (answer.status === 404 && !mayAdd) return NOT_REGISTERED
  if (answer.status === 404) answer = await call('POST', `${pathOf(subject)}/versions`, JSON.stringify({ schema }))
  const id = answer.status === 200 && isObject(answer.json) ? answer.json.id : undefined
  if (typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < 2 ** 32) return id
  throw new Error(refusalText(subject, answer))
}

function refusalText(subject: string, { status, json }: Awaited<ReturnType<RegistryCall>>): string {
  if (status === 401 || status === 403) return `the schema registry does not let the bridge look up ${subject}: ${statusText(status)}`
  const said = textOf(json, 'message') ?? 'no reason given'
  return `the schema registry refuses the schema of ${subject} (status ${status}: ${said}); allow the bridge to register it, or register schemas/avro by hand`
}

/** Whether the subject has the schema: status 200, or 404. Changes nothing. */
function lookUp(call: RegistryCall, subject: string, schema: string): ReturnType<RegistryCall> {
  return call('POST', pathOf(subject), JSON.stringify({ schema }))
}

function pathOf(subject: string): string {
  return `/subjects/${encodeURIComponent(subject)}`
}
