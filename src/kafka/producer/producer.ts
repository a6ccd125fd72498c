import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import type { PartHealth } from '../../lifecycle/health.ts'
import { createBackOff, sleep, withDeadline } from '../../lifecycle/time.ts'
import type { KafkaMetrics } from '../../telemetry/kafka-metrics.ts'
import type { KafkaConnection } from '../client/connection.ts'
import { describeTrouble } from '../client/trouble.ts'
import type { Ack, OutgoingRecord } from '../record.ts'
import { sizeOf } from '../wire/records.ts'
import { BrokerTime } from './broker-time.ts'
import { LaneFullError, ProducerStoppedError } from './producer-errors.ts'
import { ProducerHealth } from './producer-health.ts'
import { TopicLanes } from './topic-lanes.ts'

export interface ProducerOptions {
  /** Bounds for all lanes together: further records are rejected with LaneFullError. One call that is larger may exceed them. */
  readonly maxQueuedRecords?: number
  readonly maxQueuedBytes?: number
  /** How long the first record of a batch waits for more records. */
  readonly lingerMs?: number
  readonly maxBatchRecords?: number
  /** Topics to look up at start, so that a missing one is reported before the first record. */
  readonly topics?: readonly string[]
  /** Upper bound on how long `stop` waits for the queue to drain. */
  readonly flushMs?: number
  /** A name for the metrics, for processes with more than one producer. */
  readonly name?: string
}

export interface ProducerDeps {
  readonly kafka: KafkaConnection
  readonly log: Logger
  readonly metrics: KafkaMetrics
  readonly health: PartHealth
  readonly clock: Clock
}

export interface SendOptions {
  /** Default: by the key, as Java's default partitioner does. */
  readonly partition?: number
}

/** Writes records so that no acknowledged record is lost, and no record is written twice while brokers fail over. */
export interface Producer {
  /** Resolves with the first connection; retries without limit until then or until `stop`. */
  start(): Promise<void>
  /**
   * Resolves when acknowledged. Rejects with LaneFullError, RecordRefusedError or ProducerStoppedError; after any other error it
   * retries.
   */
  send(topic: string, record: OutgoingRecord, options?: SendOptions): Promise<Ack>
  /** Queues all of the records or none. */
  sendAll(topic: string, records: readonly OutgoingRecord[], options?: SendOptions): Promise<Ack[]>
  queued(): { records: number; bytes: number }
  stop(): Promise<void>
}

export function createProducer(options: ProducerOptions, deps: ProducerDeps): Producer {
  return new LaneProducer(options, deps)
}

class LaneProducer implements Producer {
  readonly #options: Required<ProducerOptions>
  readonly #deps: ProducerDeps
  readonly #health: ProducerHealth
  readonly #brokerTime: BrokerTime
  readonly #topics = new Map<string, TopicLanes>()
  readonly #ended = new AbortController()
  readonly #stopped = new Promise<void>((resolve) => {
    this.#ended.signal.addEventListener('abort', () => resolve())
  })
  #isStopping = false
  #records = 0
  #bytes = 0
  #onEmpty: (() => void) | undefined

  constructor(options: ProducerOptions, deps: ProducerDeps) {
    const defaults = { maxQueuedRecords: 50_000, maxQueuedBytes: 64 << 20, lingerMs: 0, maxBatchRecords: 500, topics: [], flushMs: 5000 }
    this.#options = { ...defaults, name: 'main', ...options }
    this.#deps = deps
    const { clock, log, metrics, health } = this.#deps
    this.#health = new ProducerHealth({ log, metrics, health, clock })
    this.#brokerTime = new BrokerTime({ clock, onApart: (aheadMs) => this.#health.apart(aheadMs) })
    const labels = { producer: this.#options.name }
    metrics.onScrape(() => {
      metrics.laneQueueRecords.set(labels, this.#records)
      metrics.laneQueueBytes.set(labels, this.#bytes)
      const aheadMs = this.#brokerTime.aheadMs()
      if (aheadMs !== undefined) metrics.clockAhead.set(labels, aheadMs / 1000)
    })
  }

  async start(): Promise<void> {
    const { kafka, log, health } = this.#deps
    const backOff = createBackOff(100, 1000)
    let said = ''
    while (!this.#isStopping) {
      const cluster = kafka.cluster()
      try {
        await Promise.race([cluster.connect(), this.#stopped]) // a silent broker must not delay a stop
        break
      } catch (error) {
        const reason = describeTrouble(error, { brokers: kafka.brokers })
        if (reason !== said) log.debug({ reason }, 'producer cannot connect')
        said = reason
        health.notReady(reason)
        await sleep(backOff.next(), this.#ended.signal)
      } finally {
        await withDeadline(cluster.disconnect(), 1000, 'closing a connection').catch(() => {})
      }
    }
    if (this.#isStopping) return
    for (const topic of this.#options.topics) this.#lanesOf(topic)
    this.#health.started()
  }

  send(topic: string, record: OutgoingRecord, options: SendOptions = {}): Promise<Ack> {
    const size = sizeOf(record)
    const refusal = this.#refusal(topic, 1, size)
    return refusal ? Promise.reject(refusal) : this.#enqueue(topic, record, size, options)
  }

  sendAll(topic: string, records: readonly OutgoingRecord[], options: SendOptions = {}): Promise<Ack[]> {
    const sizes = records.map(sizeOf)
    const total = sizes.reduce((sum, size) => sum + size, 0)
    const refusal = this.#refusal(topic, records.length, total)
    if (refusal) return Promise.reject(refusal)
    return Promise.all(records.map((record, index) => this.#enqueue(topic, record, sizes[index] ?? 0, options)))
  }

  queued(): { records: number; bytes: number } {
    return { records: this.#records, bytes: this.#bytes }
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    if (this.#records > 0) await this.#flushed()
    this.#ended.abort()
    await Promise.all([...this.#topics.values()].map((topic) => topic.close()))
    this.#topics.clear()
  }

  #refusal(topic: string, records: number, bytes: number): Error | undefined {
    if (this.#isStopping) return new ProducerStoppedError('the producer has stopped and takes no more records')
    const { maxQueuedRecords, maxQueuedBytes } = this.#options
    if (hasRoom(this.#records, records, maxQueuedRecords) && hasRoom(this.#bytes, bytes, maxQueuedBytes)) return undefined
    this.#deps.metrics.laneFull.inc({ topic }, records)
    return new LaneFullError(`${this.#records} records (${this.#bytes} bytes) wait for Kafka already, no more are taken for ${topic}`)
  }

  #enqueue(topic: string, record: OutgoingRecord, size: number, options: SendOptions): Promise<Ack> {
    this.#count(1, size)
    return new Promise<Ack>((resolve, reject) => {
      const entry = {
        record,
        size,
        resolve: (ack: Ack) => {
          this.#count(-1, -size)
          resolve(ack)
        },
        reject: (error: Error) => {
          this.#count(-1, -size)
          reject(error)
        },
      }
      this.#lanesOf(topic).push(entry, options.partition)
    })
  }

  #lanesOf(topic: string): TopicLanes {
    let lanes = this.#topics.get(topic)
    if (!lanes) {
      const { lingerMs, maxBatchRecords } = this.#options
      const { kafka, clock, log, metrics } = this.#deps
      const listener = {
        onTrouble: (reason: string | undefined) => this.#health.trouble(topic, reason),
        onThrottled: (ms: number) => this.#health.throttled(topic, ms),
      }
      const lanesDeps = { kafka, clock, brokerTime: this.#brokerTime, log, metrics, signal: this.#ended.signal, listener }
      lanes = new TopicLanes({ topic, lingerMs, maxBatchRecords }, lanesDeps)
      this.#topics.set(topic, lanes)
    }
    return lanes
  }

  #count(records: number, bytes: number): void {
    this.#records += records
    this.#bytes += bytes
    if (this.#records === 0) this.#onEmpty?.()
  }

  async #flushed(): Promise<void> {
    const { flushMs } = this.#options
    const empty = new AbortController()
    this.#onEmpty = () => empty.abort()
    await sleep(flushMs, empty.signal)
    if (this.#records > 0)
      this.#deps.log.warn({ records: this.#records, flushMs }, 'records that Kafka did not acknowledge in time are given up')
  }
}

/** What is larger than the whole queue is taken as soon as the queue is not full: otherwise it would be refused for ever. */
function hasRoom(queued: number, added: number, most: number): boolean {
  return added > most ? queued < most : queued + added <= most
}
