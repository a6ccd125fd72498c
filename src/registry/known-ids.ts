import type { Clock } from '../lifecycle/clock.ts'
import type { ForeignSchema } from '../messages/codec/avro-foreign.ts'
import type { SchemaLookup } from '../messages/codec/avro-framing.ts'
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

/** Answers at once from memory what a schema id is, and asks the registry in the background about those that it does not know. */
export function createLookup(options: KnownIdsOptions, { call, clock, onTrouble, signal }: KnownIdsDeps): SchemaLookup {
  const { askAgainMs = 1000, believeUnknownAfterMs = 5000, unknownForMs = 30_000 } = options
  const known = new Map<number, Known>()
  const underWay = new Set<number>()

  const remember = (id: number, entry: Known): void => {
    known.delete(id)
    for (const oldest of known.keys()) {
      if (known.size < MAX_REMEMBERED) break
      known.delete(oldest)
    }
    known.set(id, entry)
  }

  const missed = (id: number, isUnknown: boolean): void => {
    const before = known.get(id)
    const now = clock.steady()
    const missedSince = isUnknown ? ((before && 'missedSince' in before ? before.missedSince : undefined) ?? now) : undefined
    const isBelieved = missedSince !== undefined && now - missedSince >= believeUnknownAfterMs
    remember(id, isBelieved ? { unknownUntil: now + unknownForMs } : { missedSince, askAgainAt: now + askAgainMs })
  }

  const ask = async (id: number): Promise<void> => {
    underWay.add(id)
    try {
      const { status, json } = await call('GET', `/schemas/ids/${id}`)
      const schemaText = status === 200 ? textOf(json, 'schema') : undefined
      if (schemaText !== undefined) return remember(id, { schemaText, referenced: await fetchReferenced(json, call) })
      missed(id, status === 404)
      if (status !== 404) onTrouble(new RetryLaterError(`the schema registry does not give schema ${id}: ${statusText(status)}`))
    } catch (error) {
      missed(id, false)
      onTrouble(error)
    } finally {
      underWay.delete(id)
    }
  }

  return (id) => {
    const entry = known.get(id)
    const now = clock.steady()
    if (entry && 'schemaText' in entry) return entry
    if (entry && 'unknownUntil' in entry && entry.unknownUntil > now) return 'unknown'
    const isTooSoon = entry && 'askAgainAt' in entry && entry.askAgainAt > now
    if (!isTooSoon && !underWay.has(id) && underWay.size < MAX_UNDER_WAY && !signal.aborted) void ask(id)
    return 'pending'
  }
}

/** A status with what to do about it. */
export function statusText(status: number): string {
  if (status === 401 || status === 403)
    return `it answers with status ${status}: give schema_registry_url a user and password that may read`
  return `it answers with status ${status}`
}
