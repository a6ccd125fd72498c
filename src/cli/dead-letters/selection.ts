import type { KafkaRecord } from '../../kafka/record.ts'
import { type DeadLetter, fromReplayNote, toDeadLetter } from './letter.ts'

export interface LetterFilter {
  readonly reason?: string
  /** The full name of the original topic. */
  readonly topic?: string
}

/** When earlier commands replayed records, by identity. A note follows its letter, so it is not missed. */
export async function readNotes(records: AsyncIterable<KafkaRecord>): Promise<(identity: string) => string | undefined> {
  const notes = new Map<string, string>()
  for await (const record of records) {
    const note = fromReplayNote(record)
    if (note) notes.set(note.identity, note.replayedAt)
  }
  return (identity) => notes.get(identity)
}

/** The dead letters among the records that pass the filter. */
export async function* select(records: AsyncIterable<KafkaRecord>, { reason, topic }: LetterFilter): AsyncGenerator<DeadLetter> {
  for await (const record of records) {
    const letter = toDeadLetter(record)
    if (!letter || (reason !== undefined && letter.reason !== reason)) continue
    if (topic === undefined || letter.originalTopic === topic) yield letter
  }
}

/** The letters with these keys, or all if no keys are given. Removes the keys that it finds from `missing`. */
export async function* named(
  letters: AsyncIterable<DeadLetter>,
  keys: readonly string[],
  missing: Set<string>,
): AsyncGenerator<DeadLetter> {
  const wanted = new Set(keys)
  for await (const letter of letters) {
    missing.delete(letter.key)
    if (wanted.size === 0 || wanted.has(letter.key)) yield letter
  }
}
