import type { StoredRecord } from '../archive.ts'
import { expectedEventId, isState } from './announcements.ts'
import type { SentMessage } from './publisher.ts'

/** Messages are listed when they have been sent, which may change their order by a few places. */
const LOOK_BACK = 10
const LOOK_AHEAD = 100

/**
 * Adds the event ids to messages of states. Such an id covers the number that the router gave to the gossip message, which the sender
 * does not know. The event has it in a header, so the record whose key matches hash, signer and number belongs to the message.
 */
export function withStateIds(sent: readonly SentMessage[], log: readonly StoredRecord[]): SentMessage[] {
  const keys = new Set<string>()
  const numbers = new Set<string>()
  for (const { key, sequence } of log) {
    if (sequence === undefined) continue
    keys.add(key)
    numbers.add(sequence)
  }
  const sequences = [...numbers].sort((one, other) => one.length - other.length || (one < other ? -1 : 1))
  let next = 0
  return sent.map((message) => {
    const { kind, hash, source } = message
    if (!isState(kind)) return message
    // Numbers grow with each message, so the right one follows closely after that of the previous state.
    for (let index = Math.max(0, next - LOOK_BACK); index < Math.min(sequences.length, next + LOOK_AHEAD); index++) {
      const id = expectedEventId(kind, hash, source, sequences[index])
      if (!keys.has(id)) continue
      next = index + 1
      return { ...message, id }
    }
    return message
  })
}
