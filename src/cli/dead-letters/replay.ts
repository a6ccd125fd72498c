import { RecordRefusedError } from '../../kafka/producer/producer-errors.ts'
import type { Ack, OutgoingRecord } from '../../kafka/record.ts'
import { type DeadLetter, faultOf, identityOf, quoted, toReplay } from './letter.ts'

export interface ReplayOptions {
  /** Topics that the bridge reads: nothing goes anywhere else. */
  readonly inTopics: readonly string[]
  /** Also what was replayed before, and what was a replay itself. */
  readonly again: boolean
  readonly dryRun: boolean
}

export interface ReplayDeps {
  /** The letters that were asked for, oldest first. */
  readonly letters: AsyncIterable<DeadLetter>
  /** When the record was replayed by an earlier command, undefined when it was not. */
  readonly replayedAt: (identity: string) => string | undefined
  /** Resolves when the topic has acknowledged the record. */
  readonly send: (topic: string, record: OutgoingRecord) => Promise<Ack>
  /** Notes the replay for later commands; resolves when that is acknowledged. */
  readonly note: (letter: DeadLetter) => Promise<unknown>
  readonly onDone: (done: ReplayDone) => void
  /** Aborted: what is under way ends, nothing new begins. */
  readonly signal: AbortSignal
}

/** What came of one letter. */
export interface ReplayDone {
  readonly letter: DeadLetter
  /** `left` is what was replayed before; `refused` what cannot be; `unnoted` is replayed, but a later command will not know. */
  readonly outcome: 'replayed' | 'would-replay' | 'left' | 'refused' | 'failed' | 'unnoted'
  /** Where it went, or why it did not. */
  readonly detail: string
}

/** So much is on its way at once. */
const BATCH_LETTERS = 200
const BATCH_BYTES = 4 << 20

/**
 * Sends the originals of dead letters back to where they came from, each record once however many letters it has. Gives up
 * behind the first batch of which Kafka did not take all.
 */
export async function replayLetters(options: ReplayOptions, deps: ReplayDeps): Promise<void> {
  const seen = new Set<string>()
  let batch: DeadLetter[] = []
  let bytes = 0
  for await (const letter of deps.letters) {
    if (deps.signal.aborted) break
    const identity = identityOf(letter)
    if (seen.has(identity)) continue
    seen.add(identity)
    const obstacle = obstacleOf(letter, options, deps.replayedAt(identity))
    if (obstacle) {
      deps.onDone({ letter, ...obstacle })
      continue
    }
    batch.push(letter)
    bytes += letter.size
    if (batch.length < BATCH_LETTERS && bytes < BATCH_BYTES) continue
    if (!(await replayBatch(batch, deps))) return
    batch = []
    bytes = 0
  }
  if (!deps.signal.aborted) await replayBatch(batch, deps)
}

type Obstacle = Pick<ReplayDone, 'outcome' | 'detail'>

function obstacleOf(letter: DeadLetter, { inTopics, again, dryRun }: ReplayOptions, replayedAt: string | undefined): Obstacle | undefined {
  const fault = faultOf(letter, inTopics)
  if (fault) return { outcome: 'refused', detail: fault }
  if (replayedAt !== undefined && !again)
    return { outcome: 'left', detail: `it was replayed at ${quoted(replayedAt)}: say --again to do it once more` }
  if (letter.isReplay && !again)
    return { outcome: 'left', detail: 'it was a replay itself and bad again: say --again when the cause is mended' }
  return dryRun ? { outcome: 'would-replay', detail: letter.originalTopic } : undefined
}

/** Sends, and tells of, all in order. False when Kafka did not take all of it in time. */
async function replayBatch(batch: readonly DeadLetter[], { send, note, onDone }: ReplayDeps): Promise<boolean> {
  const work = batch.map(async (letter): Promise<ReplayDone> => {
    let place: string
    try {
      const { topic, partition, offset } = await send(letter.originalTopic, toReplay(letter))
      place = `${topic}:${partition}:${offset}`
    } catch (error) {
      return { letter, outcome: error instanceof RecordRefusedError ? 'refused' : 'failed', detail: messageOf(error) }
    }
    try {
      await note(letter)
      return { letter, outcome: 'replayed', detail: place }
    } catch (error) {
      return { letter, outcome: 'unnoted', detail: `${place}, but this could not be noted in the dead letters: ${messageOf(error)}` }
    }
  })
  const results = await Promise.all(work)
  for (const done of results) onDone(done)
  return results.every(({ outcome }) => outcome !== 'failed' && outcome !== 'unnoted')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
