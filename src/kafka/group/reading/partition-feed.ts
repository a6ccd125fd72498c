import { createBackOff, sleep, unlessAborted } from '../../../lifecycle/time.ts'
import type { PartitionLink } from '../../client/partition-link.ts'
import type { Leader } from '../../client/topic-link.ts'
import { type KnownPosition, PartitionPosition, type PositionMove } from '../../reader/partition-position.ts'
import type { FetchedPartition } from '../../wire/fetched-partition.ts'
import type { BrokerPolls } from './broker-polls.ts'

export interface PartitionFeedOptions {
  readonly topic: string
  readonly partition: number
  /** The committed position of the group; without one reading begins at the oldest record. */
  readonly from: KnownPosition | undefined
}

export interface PartitionFeedDeps {
  readonly polls: Pick<BrokerPolls<FetchedPartition>, 'ask'>
  /** Asks the partition's leader whether a position is still valid. */
  readonly link: Pick<PartitionLink, 'bounds' | 'topicId' | 'epochEnd' | 'earliest'>
  readonly leader: () => Promise<Leader>
  /** Called for each failed poll, so that the next one goes to the leader of that moment. */
  readonly failed: (error: unknown, leader: Leader | undefined) => void
  /** The error of an answer for the partition itself. */
  readonly errorOf: (fetched: FetchedPartition) => Error | undefined
  readonly isOutOfRange: (error: unknown) => boolean
  readonly hasRoom: () => boolean
  /** Called once with the start offset, before the first fetch. */
  readonly onStart: (from: bigint) => void
  readonly onFetched: (fetched: FetchedPartition, position: PartitionPosition) => void
  readonly onMove: (move: PositionMove) => void
  /** Called with the reason why the partition cannot be read; undefined when it can again. */
  readonly onTrouble: (error: unknown) => void
  /** A quota of Kafka delays this client for this long. */
  readonly onThrottled: (ms: number) => void
}

const FIRST_RETRY_MS = 50
/** Short, because nothing is read meanwhile: after an orderly leader change the new leader is known within moments. */
const LONGEST_RETRY_MS = 250

/** Reads one assigned partition from the committed offset on, as long as it is assigned, whatever happens to its brokers. */
export class PartitionFeed {
  readonly #options: PartitionFeedOptions
  readonly #deps: PartitionFeedDeps
  readonly #ended = new AbortController()
  readonly #backOff = createBackOff(FIRST_RETRY_MS, LONGEST_RETRY_MS)
  #position: PartitionPosition | undefined
  /** False at the start and after trouble: the topic may have been created again. */
  #isConfirmed = false
  #wake: () => void = () => {}

  constructor(options: PartitionFeedOptions, deps: PartitionFeedDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Reads until `stop`. */
  async run(): Promise<void> {
    const { signal } = this.#ended
    while (!signal.aborted) {
      try {
        await this.#read(signal)
        this.#backOff.reset()
        this.#deps.onTrouble(undefined)
      } catch (error) {
        if (signal.aborted) return
        this.#isConfirmed = false
        this.#deps.onTrouble(error)
        await sleep(this.#backOff.next(), signal)
      }
    }
  }

  /** There is room for records again. */
  wake(): void {
    this.#wake()
  }

  stop(): void {
    this.#ended.abort(new Error('the partition is no longer read here'))
    this.#wake()
  }

  async #read(signal: AbortSignal): Promise<void> {
    const position = await unlessAborted(this.#confirmed(), signal)
    await this.#room()
    if (signal.aborted) return
    const { fetched, throttledMs } = await this.#poll(position.next, signal)
    if (throttledMs > 0) this.#deps.onThrottled(throttledMs)
    if (fetched) await unlessAborted(this.#take(fetched, position, signal), signal)
    else await sleep(throttledMs, signal)
  }

  async #poll(offset: bigint, signal: AbortSignal) {
    const { polls, failed } = this.#deps
    const { topic, partition } = this.#options
    let leader: Leader | undefined
    try {
      leader = await unlessAborted(this.#deps.leader(), signal)
      return await unlessAborted(polls.ask(leader, { topic, partition, offset }), signal)
    } catch (error) {
      if (!signal.aborted) failed(error, leader)
      throw error
    }
  }

  async #take(fetched: FetchedPartition, position: PartitionPosition, signal: AbortSignal): Promise<void> {
    const { link, errorOf, isOutOfRange, failed, onFetched } = this.#deps
    const error = errorOf(fetched)
    if (error && isOutOfRange(error)) return this.#moved(await position.findPlace(link), signal)
    if (error) {
      failed(error, undefined)
      throw error
    }
    const move = position.isDoubtful(fetched) ? await position.checkEpoch(fetched, link) : undefined
    if (move) return this.#moved(move, signal)
    if (signal.aborted) return
    position.advance(fetched)
    onFetched(fetched, position)
  }

  /** The position at which to continue, after checking that topic and log are still the same. */
  async #confirmed(): Promise<PartitionPosition> {
    const { link, onStart } = this.#deps
    const isStart = this.#position === undefined
    const position = this.#position ?? new PartitionPosition(this.#options.from ?? { next: await link.earliest() })
    if (this.#isConfirmed) return position
    if (isStart && !this.#ended.signal.aborted) onStart(position.next)
    this.#position = position
    this.#moved(await position.confirm(link), this.#ended.signal)
    this.#isConfirmed = true
    return position
  }

  #moved(move: PositionMove | undefined, signal: AbortSignal): void {
    if (move && !signal.aborted) this.#deps.onMove(move)
  }

  async #room(): Promise<void> {
    if (this.#deps.hasRoom()) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      if (this.#deps.hasRoom() || this.#ended.signal.aborted) resolve()
    })
  }
}
