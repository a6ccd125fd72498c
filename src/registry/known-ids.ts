import type { Clock } from '../lifecycle/clock.ts'
import type { ForeignSchema } from '../messages/codec/avro-foreign.ts'
import type { SchemaLookup } from '../messages/codec/avro-framing.ts'
import { nameText, type SchemaName } from '../messages/codec/schema-name.ts'
import { RetryLaterError } from '../messages/errors.ts'
import { fetchReferenced } from './referenced-schemas.ts'
import type { RegistryCall } from './registry-call.ts'
import { textOf } from './text-of.ts'

export interface KnownIdsOptions {
  /** Pause before an id is asked for again that the registry did not give. */
  readonly askAgainMs?: number
  /** How long a registry may say that it does not know an id before that is believed: those with followers learn ids late. */
  readonly believeUnknownAfterMs?: number
  /** How long an id counts as unknown before the registry is asked again. */
  readonly unknownForMs?: number
}

export interface KnownIdsDeps {
  readonly call: RegistryCall
  readonly clock: Pick<Clock, 'steady'>
  /** Called for each request that failed. */
  readonly onTrouble: (error: unknown) => void
  readonly signal: AbortSignal
}

const MAX_REMEMBERED = 1000
const MAX_UNDER_WAY = 4

type Known = ForeignSchema | { readonly unknownUntil: number } | { readonly missedSince: number | undefined; readonly askAgainAt: number }

/** Answers at once from memory what an id or GUID is, and asks the registry in the background about those that it does not know. */
export function createLookup(options: KnownIdsOptions, { call, clock, onTrouble, signal }: KnownIdsDeps): SchemaLookup {
  const { askAgainMs = 1000, believeUnknownAfterMs = 5000, unknownForMs = 30_000 } = options
  const known = new Map<SchemaName, Known>()
  const underWay = new Set<SchemaName>()

  const remember = (name: SchemaName, entry: Known): void => {
    known.delete(name)
    for (const oldest of known.keys()) {
      if (known.size < MAX_REMEMBERED) break
      known.delete(oldest)
    }
    known.set(name, entry)
  }

  const missed = (name: SchemaName, isUnknown: boolean): void => {
    const before = known.get(name)
    const now = clock.steady()
    const missedSince = isUnknown ? ((before && 'missedSince' in before ? before.missedSince : undefined) ?? now) : undefined
    const isBelieved = missedSince !== undefined && now - missedSince >= believeUnknownAfterMs
    remember(name, isBelieved ? { unknownUntil: now + unknownForMs } : { missedSince, askAgainAt: now + askAgainMs })
  }

  const ask = async (name: SchemaName): Promise<void> => {
    underWay.add(name)
    try {
      const { status, json } = await call('GET', typeof name === 'number' ? `/schemas/ids/${name}` : `/schemas/guids/${name}`)
      const schemaText = status === 200 ? textOf(json, 'schema') : undefined
      const schemaType = textOf(json, 'schemaType')
      if (schemaText !== undefined)
        return remember(name, { schemaText, referenced: await fetchReferenced(json, call), ...(schemaType ? { schemaType } : {}) })
      missed(name, status === 404)
      if (status !== 404) onTrouble(new RetryLaterError(`the schema registry does not give ${nameText(name)}: ${statusText(status)}`))
    } catch (error) {
      missed(name, false)
      onTrouble(error)
    } finally {
      underWay.delete(name)
    }
  }

  return (name) => {
    const entry = known.get(name)
    const now = clock.steady()
    if (entry && 'schemaText' in entry) return entry
    if (entry && 'unknownUntil' in entry && entry.unknownUntil > now) return 'unknown'
    const isTooSoon = entry && 'askAgainAt' in entry && entry.askAgainAt > now
    if (!isTooSoon && !underWay.has(name) && underWay.size < MAX_UNDER_WAY && !signal.aborted) void ask(name)
    return 'pending'
  }
}

/** A status with what to do about it. */
export function statusText(status: number): string {
  if (status === 401 || status === 403)
    return `it answers with status ${status}: give schema_registry_url a user and password that may read`
  return `it answers with status ${status}`
}
