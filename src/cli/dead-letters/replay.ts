import { RecordRefusedError } from '../../kafka/producer/producer-errors.ts'
import type { Ack, OutgoingRecord } from '../../kafka/record.ts'
import { type DeadLetter, faultOf, identityOf, quoted, toReplay } from './letter.ts'

export interface ReplayOptions {
  /** Topics that the bridge reads. Nothing is sent to other topics. */
  readonly inTopics: readonly string[]
  /** Also replays letters that were replayed before or were replays themselves. */
  readonly again: boolean
  readonly dryRun: boolean
}

export interface ReplayDeps {
  /** The requested letters, oldest first. */
  readonly letters: AsyncIterable<DeadLetter>
  /** When an earlier command replayed the record. Undefined if none did. */
  readonly replayedAt: (identity: string) => string | undefined
  /** Resolves when the topic has acknowledged the record. */
  readonly send: (topic: string, record: OutgoingRecord) => Promise<Ack>
  /** Notes the replay for later commands. Resolves when the note is acknowledged. */
  readonly note: (letter: DeadLetter) => Promise<unknown>
  readonly onDone: (done: ReplayDone) => void
  /** Aborted: the current batch ends, and no new one begins. */
  readonly signal: AbortSignal
}

/** The outcome of one letter. */
export interface ReplayDone {
  readonly letter: DeadLetter
  /** `left`: replayed before. `refused`: cannot be replayed. `unnoted`: replayed, but a later command will not know it. */
  readonly outcome: 'replayed' | 'would-replay' | 'left' | 'refused' | 'failed' | 'unnoted'
  /** The new place of the record, or why it was not sent. */
  readonly detail: string
}

/** Upper bounds on the records in flight. */
const BATCH_LETTERS = 200
const BATCH_BYTES = 4 << 20

/**
 * Sends the originals of dead letters to their topics again, each record once even if it has several letters. Stops after
 * the first batch that Kafka did not accept completely.
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
    return { outcome: 'left', detail: `it was replayed at ${quoted(replayedAt)}: use --again to replay it once more` }
  if (letter.isReplay && !again)
    return { outcome: 'left', detail: 'it was a replay itself and bad again: use --again when the cause is fixed' }
  return dryRun ? { outcome: 'would-replay', detail: letter.originalTopic } : undefined
}

/** Sends the batch and reports each outcome in order. False if Kafka did not accept all records in time. */
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
