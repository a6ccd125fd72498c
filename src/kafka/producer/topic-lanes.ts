import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import { createBackOff, sleep } from '../../lifecycle/time.ts'
import type { KafkaMetrics } from '../../telemetry/kafka-metrics.ts'
import type { KafkaConnection } from '../client/connection.ts'
import { TopicLink } from '../client/topic-link.ts'
import { describeTrouble, troubleOf } from '../client/trouble.ts'
import type { BrokerTime } from './broker-time.ts'
import { Lane, type LaneEntry } from './lane.ts'
import { PartitionWriter } from './partition-writer.ts'
import { partitionOf } from './partitioner.ts'
import { ProducerStoppedError } from './producer-errors.ts'
import { Throttle } from './throttle.ts'

export interface TopicLanesOptions {
  readonly topic: string
  readonly lingerMs: number
  readonly maxBatchRecords: number
}

export interface TopicLanesDeps {
  readonly kafka: KafkaConnection
  readonly clock: Clock
  readonly brokerTime: BrokerTime
  readonly log: Logger
  readonly metrics: KafkaMetrics
  readonly signal: AbortSignal
  readonly listener: TopicListener
}

export interface TopicListener {
  /** Called with the reason why the topic accepts no records, as a sentence for an operator; undefined when it does again. */
  onTrouble(reason: string | undefined): void
  /** Called with the pause that a quota asks of this topic's writes; 0 when the quota no longer holds. */
  onThrottled(ms: number): void
}

/** A fail-over takes seconds and needs nobody; trouble that needs an operator is reported sooner. */
const SAY_AWAY_AFTER_MS = 5000
const SAY_OTHERS_AFTER_MS = 1000
const LOOK_UP = -1

/** The lanes of one topic, and the records that arrived before its partitions were known, in order. */
export class TopicLanes {
  readonly #options: TopicLanesOptions
  readonly #deps: TopicLanesDeps
  readonly #link: TopicLink
  readonly #throttle: Throttle
  readonly #lanes = new Map<number, Lane>()
  #unrouted: { entry: LaneEntry; partition: number | undefined }[] = []
  #isKnown = false
  #roundRobin = 0
  /** Since when each partition waits; LOOK_UP represents the whole topic. */
  readonly #waitingSince = new Map<number, number>()

  constructor(options: TopicLanesOptions, deps: TopicLanesDeps) {
    this.#options = options
    this.#deps = deps
    this.#link = new TopicLink({ topic: options.topic }, { kafka: deps.kafka, clock: deps.clock })
    this.#throttle = new Throttle({ clock: deps.clock, reconnect: () => this.#link.reconnect() })
    void this.#lookUp()
  }

  push(entry: LaneEntry, partition: number | undefined): void {
    if (this.#isKnown) this.#route(entry, partition)
    else this.#unrouted.push({ entry, partition })
  }

  async close(): Promise<void> {
    await this.#link.close()
  }

  async #lookUp(): Promise<void> {
    const { signal } = this.#deps
    const backOff = createBackOff(50, 1000)
    while (!signal.aborted) {
      try {
        await this.#link.partitionCount()
        this.#isKnown = true
        this.#judge(LOOK_UP, undefined)
        break
      } catch (error) {
        this.#judge(LOOK_UP, error)
        await sleep(backOff.next(), signal)
      }
    }
    const waiting = this.#unrouted
    this.#unrouted = []
    for (const { entry, partition } of waiting) {
      if (this.#isKnown) this.#route(entry, partition)
      else entry.reject(new ProducerStoppedError(`topic ${this.#options.topic} was not reached before the stop`))
    }
  }

  /** New partitions of a topic are used within a minute, as by Java's producer; keys then move to other partitions. */
  #route(entry: LaneEntry, partition?: number): void {
    const { key } = entry.record
    const partitions = this.#link.knownPartitions
    this.#lane(partition ?? (key === null ? this.#roundRobin++ % partitions : partitionOf(key, partitions))).push(entry)
  }

  #lane(partition: number): Lane {
    let lane = this.#lanes.get(partition)
    if (!lane) {
      const { clock, brokerTime, log, metrics, signal, listener } = this.#deps
      const writer = new PartitionWriter({ partition }, { link: this.#link, clock, brokerTime, throttle: this.#throttle })
      const laneListener = {
        onTrouble: (error: unknown) => this.#judge(partition, error),
        onThrottled: (ms: number) => listener.onThrottled(ms),
        onPartitionGone: (entries: readonly LaneEntry[]) => this.#moveFrom(partition, entries),
      }
      lane = new Lane({ partition, ...this.#options }, { writer, clock, signal, log, metrics, listener: laneListener })
      this.#lanes.set(partition, lane)
    }
    return lane
  }

  #moveFrom(gone: number, entries: readonly LaneEntry[]): void {
    const { topic } = this.#options
    const partitions = this.#link.knownPartitions
    this.#deps.log.warn(
      { topic, partition: gone, partitions, records: entries.length },
      'the topic was created again with fewer partitions: what waited for this one goes to the others',
    )
    this.#lanes.delete(gone)
    this.#judge(gone, undefined)
    for (const entry of entries) this.#route(entry)
  }

  #judge(partition: number, error: unknown): void {
    const { kafka, clock, listener } = this.#deps
    if (error === undefined) {
      const wasWaiting = this.#waitingSince.delete(partition) || partition === LOOK_UP
      if (wasWaiting && this.#waitingSince.size === 0) listener.onTrouble(undefined)
      return
    }
    const now = clock.steady()
    const since = this.#waitingSince.get(partition) ?? now
    this.#waitingSince.set(partition, since)
    const patienceMs = troubleOf(error) === 'away' ? SAY_AWAY_AFTER_MS : SAY_OTHERS_AFTER_MS
    if (now - since >= patienceMs) listener.onTrouble(describeTrouble(error, { brokers: kafka.brokers, topics: [this.#options.topic] }))
  }
}
