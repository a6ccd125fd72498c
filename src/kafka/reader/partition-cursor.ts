import type { Clock } from '../../lifecycle/clock.ts'
import { sleep } from '../../lifecycle/time.ts'
import type { PartitionLink } from '../client/partition-link.ts'
import type { FetchedPartition } from '../wire/fetched-partition.ts'
import { PartitionPosition, type PositionMove } from './partition-position.ts'
import { OffsetOutOfRangeError, type ReadAttempt, type ReadingRetries } from './reading-retries.ts'

export interface PartitionCursorOptions {
  readonly from: bigint
  readonly maxBytes: number
}

export interface PartitionCursorDeps {
  readonly link: Pick<PartitionLink, 'fetch' | 'bounds' | 'topicId' | 'epochEnd'>
  readonly retries: Pick<ReadingRetries, 'fetch' | 'ask'>
  readonly clock: Pick<Clock, 'steady'>
  readonly signal: AbortSignal
  readonly onFetched: (fetched: FetchedPartition) => void
}

/** The next answer, or a move: the partition's log is no longer the one that was read, and reading continues elsewhere. */
export type CursorAnswer =
  | { readonly fetched: FetchedPartition; readonly move?: undefined }
  | { readonly fetched?: undefined; readonly move: PositionMove }

/** A topic cannot be deleted and created again between two answers closer than this: the second one would be an error. */
const SAME_TOPIC_MS = 100
/** Pause before a former leader, which does not know its successor yet, is asked again. */
const ASK_AGAIN_MS = 250

/**
 * Reads one partition answer by answer for somebody who stays: unlike reads at given offsets, it remembers the topic and the leader
 * epoch of what it has read, so it notices when the same offsets hold other records.
 */
export class PartitionCursor {
  readonly #maxBytes: number
  readonly #deps: PartitionCursorDeps
  readonly #position: PartitionPosition
  #answeredAt = Number.NEGATIVE_INFINITY
  #hasFailed = false

  constructor({ from, maxBytes }: PartitionCursorOptions, deps: PartitionCursorDeps) {
    this.#maxBytes = maxBytes
    this.#deps = deps
    this.#position = new PartitionPosition({ next: from })
  }

  /** The offset to read next. */
  get next(): bigint {
    return this.#position.next
  }

  /** Rejects when no broker answers until the deadline; then the cursor must not be used any more. */
  async readOn(): Promise<CursorAnswer> {
    const { retries, link, signal } = this.#deps
    for (;;) {
      try {
        return await retries.fetch(() => this.#attempt())
      } catch (error) {
        if (!(error instanceof OffsetOutOfRangeError)) throw error
        const move = await retries.ask(() => this.#position.findPlace(link))
        if (move) return { move }
        await sleep(ASK_AGAIN_MS, signal)
      }
    }
  }

  async #attempt(): Promise<ReadAttempt<CursorAnswer>> {
    try {
      const attempt = await this.#fetch()
      this.#answeredAt = this.#deps.clock.steady()
      this.#hasFailed = false
      return attempt
    } catch (error) {
      this.#hasFailed = true
      throw error
    }
  }

  async #fetch(): Promise<ReadAttempt<CursorAnswer>> {
    const { link } = this.#deps
    const position = this.#position
    const moved = await this.#moveOf()
    if (moved) return { throttledMs: 0, fetched: { move: moved } }
    const { throttledMs, fetched } = await link.fetch(position.next, { maxBytes: this.#maxBytes, maxWaitMs: 0 })
    if (!fetched) return { throttledMs, fetched }
    const parted = position.isDoubtful(fetched) ? await position.checkEpoch(fetched, link) : undefined
    if (parted) return { throttledMs, fetched: { move: parted } }
    position.advance(fetched)
    this.#deps.onFetched(fetched)
    return { throttledMs, fetched: { fetched } }
  }

  /** Where the position has to go before the next read; a leader changes only with a failed read. */
  async #moveOf(): Promise<PositionMove | undefined> {
    if (this.#hasFailed) return this.#position.confirm(this.#deps.link)
    const mayBeAnotherTopic = this.#deps.clock.steady() - this.#answeredAt > SAME_TOPIC_MS
    return mayBeAnotherTopic ? this.#position.checkTopic(this.#deps.link) : undefined
  }
}
