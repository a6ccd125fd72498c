import type { Logger } from 'pino'
import { createBackOff, DeadlineError, sleep, withDeadline } from '../../lifecycle/time.ts'
import type { KafkaConnection } from '../client/connection.ts'
import { fetchRecords } from '../client/fetch-request.ts'
import { type Leader, TopicLink } from '../client/topic-link.ts'
import { describeTrouble, kafkaErrorType } from '../client/trouble.ts'
import type { KafkaRecord } from '../record.ts'

export interface PartitionReaderOptions {
  readonly topic: string
  /** 0, unless the topic has more than one. */
  readonly partition?: number
  /** A read that no broker answers in this time fails. */
  readonly deadlineMs?: number
}

export interface PartitionReaderDeps {
  readonly kafka: KafkaConnection
  readonly log: Logger
}

/** The offset is not in the topic: before its oldest record, or beyond its end. */
export class OffsetOutOfRangeError extends Error {
  override readonly name = 'OffsetOutOfRangeError'
  readonly code = 'BRIDGE_OFFSET_OUT_OF_RANGE'
}

/** Random reads of one partition, over connections of its own: a read would otherwise wait behind a tail's long poll. */
export interface PartitionReader {
  /** Records from the offset on, none when it is the end. They may be fewer than there are. */
  read(from: bigint, options?: { maxBytes?: number }): Promise<{ records: KafkaRecord[]; highWatermark: bigint; next: bigint }>
  /** The oldest offset and the one behind the newest. */
  bounds(): Promise<{ low: bigint; high: bigint }>
  /** The first offset at or after that time (ms since the epoch); the end when all is older. */
  offsetAt(timeMs: number): Promise<bigint>
  stop(): Promise<void>
}

const EARLIEST = -2
const LATEST = -1
const DEFAULT_READ_BYTES = 1 << 20

export function createPartitionReader(options: PartitionReaderOptions, { kafka, log }: PartitionReaderDeps): PartitionReader {
  const { topic, partition = 0, deadlineMs = 15_000 } = options
  const link = new TopicLink({ topic }, { kafka })
  const ended = new AbortController()
  const retried = <T>(request: () => Promise<T>) =>
    withRetries(request, { topic, deadlineMs, signal: ended.signal, brokers: kafka.brokers })

  const readOnce = async (from: bigint, maxBytes: number) => {
    let leader: Leader | undefined
    try {
      leader = await link.leader(partition)
      return await fetchRecords(leader.broker, { topic, partition, offset: from, maxBytes, maxWaitMs: 0 })
    } catch (error) {
      if (!isOutOfRange(error)) link.failed(partition, error, leader)
      throw error
    }
  }
  const offsetOf = async (time: number) => {
    try {
      return await link.offsetAt(partition, time)
    } catch (error) {
      link.failed(partition, error)
      throw error
    }
  }

  return {
    async read(from, { maxBytes = DEFAULT_READ_BYTES } = {}) {
      const answer = await retried(() => readOnce(from, maxBytes))
      for (const fault of answer.undecodable) log.warn({ topic, partition, reason: fault.message }, 'records skipped')
      return { records: answer.records, highWatermark: answer.highWatermark, next: answer.next }
    },
    async bounds() {
      return { low: await retried(() => offsetOf(EARLIEST)), high: await retried(() => offsetOf(LATEST)) }
    },
    async offsetAt(timeMs) {
      const offset = await retried(() => offsetOf(timeMs))
      return offset < 0n ? retried(() => offsetOf(LATEST)) : offset
    },
    async stop() {
      ended.abort()
      await link.close()
    },
  }
}

function isOutOfRange(error: unknown): boolean {
  return kafkaErrorType(error) === 'OFFSET_OUT_OF_RANGE'
}

interface RetryOptions {
  readonly topic: string
  readonly deadlineMs: number
  readonly signal: AbortSignal
  readonly brokers: readonly string[]
}

/** A leader that moves is followed; what does not answer until the deadline fails with a sentence. */
async function withRetries<T>(request: () => Promise<T>, { topic, deadlineMs, signal, brokers }: RetryOptions): Promise<T> {
  const until = performance.now() + deadlineMs
  const backOff = createBackOff(50, 1000)
  let last: unknown
  while (!signal.aborted) {
    const leftMs = until - performance.now()
    if (leftMs <= 0) throw new DeadlineError(describeTrouble(last, { brokers, topics: [topic] }), { cause: last })
    try {
      return await withDeadline(request(), leftMs, `reading ${topic}`)
    } catch (error) {
      if (isOutOfRange(error)) throw new OffsetOutOfRangeError(`topic ${topic} does not have that offset`, { cause: error })
      last = error
      await sleep(backOff.next(), signal)
    }
  }
  throw new Error(`the reader of ${topic} has stopped`)
}
