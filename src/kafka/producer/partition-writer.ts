import type { Clock } from '../../lifecycle/clock.ts'
import { withDeadline } from '../../lifecycle/time.ts'
import { produce, requestIdentity } from '../client/produce-request.ts'
import type { Leader, TopicLink } from '../client/topic-link.ts'
import { troubleOf } from '../client/trouble.ts'
import type { OutgoingRecord } from '../record.ts'
import type { ProducerIdentity } from '../wire/record-batch.ts'
import type { BrokerTime } from './broker-time.ts'
import { type Throttle, ThrottledError } from './throttle.ts'

export interface PartitionWriterOptions {
  readonly partition: number
}

export interface PartitionWriterDeps {
  readonly link: TopicLink
  readonly clock: Clock
  readonly brokerTime: BrokerTime
  readonly throttle: Throttle
}

/** The answer of a broker to a batch that it accepted. */
export interface WrittenBatch {
  readonly firstOffset: bigint
  /** The pause that a quota asks for; 0 without one. */
  readonly throttleMs: number
}

const SEQUENCE_MODULUS = 2 ** 31
const REQUEST_DEADLINE_MS = 10_000

/** Sends the batches of one partition to its leader, with a producer id and sequence numbers by which the broker recognises a repeat. */
export class PartitionWriter {
  readonly #partition: number
  readonly #deps: PartitionWriterDeps
  #identity: ProducerIdentity | undefined
  #nextSequence = 0

  constructor({ partition }: PartitionWriterOptions, deps: PartitionWriterDeps) {
    this.#partition = partition
    this.#deps = deps
  }

  /** Resolves when the pause that a quota asked for is over, or the signal aborts. */
  async pause(signal: AbortSignal): Promise<void> {
    await this.#deps.throttle.pause(signal)
  }

  /**
   * Sends a batch once, as soon as no quota delays it. Until `advance` the next call uses the same sequence numbers, so it has to pass
   * the same batch. Rejects with ThrottledError when only a quota delayed the answer.
   */
  async write(records: readonly OutgoingRecord[], signal: AbortSignal): Promise<WrittenBatch> {
    const done = await this.#deps.throttle.turn(signal)
    try {
      signal.throwIfAborted()
      return await this.#writeNow(records)
    } finally {
      done()
    }
  }

  /** The batch is in the log: moves on to the next sequence numbers. */
  advance(records: number): void {
    this.#nextSequence = (this.#nextSequence + records) % SEQUENCE_MODULUS
  }

  /** The broker no longer knows this producer. With a new id the batch may be written twice if it was accepted before; it is never lost. */
  forgetIdentity(): void {
    this.#identity = undefined
    this.#nextSequence = 0
  }

  async #writeNow(records: readonly OutgoingRecord[]): Promise<WrittenBatch> {
    const { link, brokerTime, throttle } = this.#deps
    let leader: Leader | undefined
    let stamp: number | undefined
    try {
      leader = await link.leader(this.#partition)
      this.#identity ??= await withDeadline(requestIdentity(leader.broker), REQUEST_DEADLINE_MS, 'asking for a producer id')
      stamp = brokerTime.stamp()
      return await this.#send(leader, this.#identity, records, stamp)
    } catch (error) {
      const trouble = troubleOf(error)
      if (trouble === 'away' && throttle.isPausing()) throw new ThrottledError('a quota keeps the answer back', { cause: error })
      if (trouble === 'clock' && stamp !== undefined) brokerTime.refused(stamp)
      else if (trouble !== 'refused') link.failed(this.#partition, error, leader)
      throw error
    }
  }

  async #send(leader: Leader, identity: ProducerIdentity, records: readonly OutgoingRecord[], stamp: number): Promise<WrittenBatch> {
    const { link, clock, brokerTime, throttle } = this.#deps
    const request = { topic: link.topic, partition: this.#partition, identity, firstSequence: this.#nextSequence, records }
    const sentAt = clock.steady()
    const answer = await withDeadline(produce(leader.broker, request, stamp), REQUEST_DEADLINE_MS, `writing to ${link.topic}`)
    brokerTime.accepted({ stamp, appendedAt: answer.appendedAt, sentAt, answeredAt: clock.steady() })
    throttle.heed(answer.throttleMs)
    return answer
  }
}
