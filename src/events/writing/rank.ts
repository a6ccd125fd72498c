import { TURNS } from '../timings.ts'

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

export interface RankOptions {
  readonly instanceId: string
  /** Ids of the live instances. */
  readonly live: readonly string[]
}

/**
 * The turn in which an instance writes an event that the primary did not write: 1 to `TURNS`, by rendezvous hashing. This spreads the
 * turns over the instances, and all instances agree without a message. The primary has turns too, because only the group knows which
 * instance is the primary.
 */
export function rank(eventId: string, { instanceId, live }: RankOptions): number {
  const own = weight(eventId, instanceId)
  let before = 0
  for (const other of live) {
    if (other === instanceId) continue
    const weighs = weight(eventId, other)
    if (weighs > own || (weighs === own && other < instanceId)) before++
  }
  return Math.min(before + 1, TURNS)
}

/** FNV-1a with a final mix: without the mix, instances whose ids differ only in the last character have nearly the same weight. */
function weight(eventId: string, instanceId: string): number {
  let hash = FNV_OFFSET
  for (const text of [eventId, instanceId]) {
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
