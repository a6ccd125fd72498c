import type { Logger } from 'pino'
import { createBackOff, sleep } from '../../lifecycle/time.ts'
import type { KafkaMetrics } from '../../telemetry/kafka-metrics.ts'
import type { KafkaConnection } from '../client/connection.ts'
import { TopicLink } from '../client/topic-link.ts'
import { describeTrouble, troubleOf } from '../client/trouble.ts'
import { Lane, type LaneEntry } from './lane.ts'
import { partitionOf } from './partitioner.ts'
import { ProducerStoppedError } from './producer-errors.ts'

export interface TopicLanesOptions {
  readonly topic: string
  readonly lingerMs: number
  readonly maxBatchRecords: number
}

export interface TopicLanesDeps {
  readonly kafka: KafkaConnection
  readonly log: Logger
  readonly metrics: KafkaMetrics
  readonly signal: AbortSignal
  /** What an operator should know of this topic, undefined when all is well. */
  readonly onTrouble: (reason: string | undefined) => void
}

/** A fail-over takes seconds and heals itself; what needs an operator is said sooner. */
const SAY_AWAY_AFTER_MS = 5000
const SAY_OTHERS_AFTER_MS = 1000
const LOOK_UP = -1

/** The lanes of one topic, and the records that came before its partitions were known, in order. */
export class TopicLanes {
  readonly #options: TopicLanesOptions
  readonly #deps: TopicLanesDeps
  readonly #link: TopicLink
  readonly #lanes = new Map<number, Lane>()
  #unrouted: { entry: LaneEntry; partition: number | undefined }[] = []
  #isKnown = false
  #roundRobin = 0
  /** Since when each partition waits; LOOK_UP stands for the topic as a whole. */
  readonly #waitingSince = new Map<number, number>()

  constructor(options: TopicLanesOptions, deps: TopicLanesDeps) {
    this.#options = options
    this.#deps = deps
    this.#link = new TopicLink({ topic: options.topic }, { kafka: deps.kafka })
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

  /** A topic that gets more partitions has them used within a minute, as by Java's producer; its keys change places then. */
  #route(entry: LaneEntry, partition?: number): void {
    const { key } = entry.record
    const partitions = this.#link.knownPartitions
    this.#lane(partition ?? (key === null ? this.#roundRobin++ % partitions : partitionOf(key, partitions))).push(entry)
  }

  #lane(partition: number): Lane {
    let lane = this.#lanes.get(partition)
    if (!lane) {
      const { lingerMs, maxBatchRecords } = this.#options
      const { log, metrics, signal } = this.#deps
      const onTrouble = (error: unknown) => this.#judge(partition, error)
      const onPartitionGone = (entries: readonly LaneEntry[]) => this.#moveFrom(partition, entries)
      lane = new Lane({ partition, lingerMs, maxBatchRecords }, { link: this.#link, signal, log, metrics, onTrouble, onPartitionGone })
      this.#lanes.set(partition, lane)
    }
    return lane
  }

  #moveFrom(gone: number, entries: readonly LaneEntry[]): void {
    const { topic } = this.#options
    const partitions = this.#link.knownPartitions
    this.#deps.log.warn({ topic, partition: gone, partitions, records: entries.length }, 'topic made again with fewer partitions')
    this.#lanes.delete(gone)
    this.#judge(gone, undefined)
    for (const entry of entries) this.#route(entry)
  }

  #judge(partition: number, error: unknown): void {
    const { kafka, onTrouble } = this.#deps
    if (error === undefined) {
      const wasWaiting = this.#waitingSince.delete(partition) || partition === LOOK_UP
      if (wasWaiting && this.#waitingSince.size === 0) onTrouble(undefined)
      return
    }
    const now = performance.now()
    const since = this.#waitingSince.get(partition) ?? now
    this.#waitingSince.set(partition, since)
    const patienceMs = troubleOf(error) === 'away' ? SAY_AWAY_AFTER_MS : SAY_OTHERS_AFTER_MS
    if (now - since >= patienceMs) onTrouble(describeTrouble(error, { brokers: kafka.brokers, topics: [this.#options.topic] }))
  }
}
