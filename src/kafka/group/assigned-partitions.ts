import type { Batch, Consumer } from 'kafkajs'
import type { Logger } from 'pino'
import type { KafkaMetrics } from '../../telemetry/kafka-metrics.ts'
import type { KafkaRecord } from '../record.ts'
import { toKafkaRecord } from '../wire/records.ts'
import { undecodable } from '../wire/undecodable-batch.ts'
import type { CommitPoint } from './offset-committer.ts'
import { PartitionWorker, type RecordOutcome } from './partition-worker.ts'

export interface AssignedPartitionsOptions {
  readonly groupId: string
  readonly ownedTopics: readonly string[]
  readonly maxInFlight: number
}

export interface AssignedPartitionsDeps {
  readonly log: Logger
  readonly metrics: KafkaMetrics
  readonly handle: (record: KafkaRecord) => Promise<void>
  readonly isTransient: (error: unknown) => boolean
  readonly deadLetter: (record: KafkaRecord, error: unknown) => Promise<void>
  readonly mayStart: () => boolean
  /** Something may have become committable. */
  readonly onDone: () => void
  /** Sentences about partitions that need somebody's help to go on. */
  readonly onWaiting: (reasons: readonly string[]) => void
}

interface Slot {
  readonly topic: string
  readonly partition: number
  readonly worker: PartitionWorker
  /** What the coordinator has, or may have, of us: between these two is where we would go on after a rebalance. */
  committed: bigint
  committing: bigint
  end: bigint
  isPaused: boolean
  waiting: string | undefined
}

/** More is not fetched for a partition while so much of it is here; it is resumed at half. */
const MAX_BACKLOG_RECORDS = 10_000
const MAX_BACKLOG_BYTES = 4 << 20

/**
 * The workers of the partitions that the group has assigned. Fetching and handling are apart: kafkajs gets each batch taken at
 * once and the partition paused when enough of it is here, so a slow or waiting partition holds up neither the heartbeat nor
 * the other partitions of its broker.
 */
export class AssignedPartitions {
  readonly #options: AssignedPartitionsOptions
  readonly #deps: AssignedPartitionsDeps
  readonly #slots = new Map<string, Slot>()
  #consumer: Pick<Consumer, 'pause' | 'resume'> | undefined

  constructor(options: AssignedPartitionsOptions, deps: AssignedPartitionsDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** A new generation: what is no longer ours ends, what still is waits until the first batch shows that nobody else went on. */
  assign(assigned: ReadonlyMap<string, readonly number[]>, consumer: Pick<Consumer, 'pause' | 'resume'>): void {
    this.#consumer = consumer
    for (const [key, slot] of this.#slots) {
      const isOurs = assigned.get(slot.topic)?.includes(slot.partition) ?? false
      const isFinished = slot.worker.backlog().records === 0 && slot.worker.done() === slot.committed
      if (isOurs && !isFinished) slot.worker.hold()
      else this.#drop(key, slot)
    }
    for (const [topic, partitions] of assigned) {
      const request = [{ topic, partitions: [...partitions] }]
      if (this.#options.ownedTopics.includes(topic)) consumer.pause(request)
      else consumer.resume(request)
    }
    for (const slot of this.#slots.values()) slot.isPaused = false
  }

  /** The membership has ended: nothing may be asked of its consumer any more. Handlers go on. */
  detach(): void {
    this.#consumer = undefined
  }

  take(batch: Batch): void {
    const { topic, partition } = batch
    if (this.#options.ownedTopics.includes(topic)) return
    const from = BigInt((batch as Batch & { fetchedOffset: string | number }).fetchedOffset)
    const slot = this.#slotFor(topic, partition, from)
    slot.end = BigInt(batch.highWatermark)
    const records = batch.messages.map((message) => ({
      record: toKafkaRecord(topic, partition, message),
      undecodable: undecodable(message),
    }))
    slot.worker.add(records, BigInt(batch.lastOffset()) + 1n)
    this.#regulate(slot)
    this.#gauge(slot)
  }

  pump(): void {
    for (const slot of this.#slots.values()) slot.worker.pump()
  }

  committable(): CommitPoint[] {
    return [...this.#slots.values()].flatMap(({ topic, partition, worker, committed }) => {
      const next = worker.done()
      return next > committed && !worker.isHeld() ? [{ topic, partition, next }] : []
    })
  }

  committing(points: readonly CommitPoint[]): void {
    for (const { topic, partition, next } of points) {
      const slot = this.#slots.get(`${topic}:${partition}`)
      if (slot) slot.committing = next
    }
  }

  committed(points: readonly CommitPoint[]): void {
    for (const { topic, partition, next } of points) {
      const slot = this.#slots.get(`${topic}:${partition}`)
      if (!slot) continue
      slot.committed = next
      this.#gauge(slot)
    }
  }

  /** Starts no more handlers; resolves when those under way have ended. */
  async drain(): Promise<void> {
    await Promise.all([...this.#slots.values()].map((slot) => slot.worker.stop()))
  }

  abandon(): void {
    for (const [key, slot] of this.#slots) this.#drop(key, slot)
  }

  #slotFor(topic: string, partition: number, from: bigint): Slot {
    const key = `${topic}:${partition}`
    const slot = this.#slots.get(key)
    if (slot && !slot.worker.isHeld()) return slot
    if (slot && from >= slot.committed && from <= slot.committing) {
      slot.committed = from
      slot.worker.release()
      return slot
    }
    if (slot) this.#drop(key, slot)
    return this.#newSlot(topic, partition, from)
  }

  #newSlot(topic: string, partition: number, from: bigint): Slot {
    const { handle, deadLetter, isTransient, mayStart, onDone } = this.#deps
    const worker = new PartitionWorker(
      { maxInFlight: this.#options.maxInFlight },
      {
        handle,
        deadLetter,
        isTransient,
        mayStart,
        onOutcome: (record, outcome) => {
          this.#count(record, outcome)
          onDone()
          this.#regulate(slot)
        },
        onWait: (wait) => this.#waits(slot, wait),
      },
      from,
    )
    const slot: Slot = { topic, partition, worker, committed: from, committing: from, end: from, isPaused: false, waiting: undefined }
    this.#slots.set(`${topic}:${partition}`, slot)
    return slot
  }

  /** Handlers under way run on, but what they do no longer counts here: whoever owns the partition now does it again. */
  #drop(key: string, slot: Slot): void {
    void slot.worker.stop()
    this.#slots.delete(key)
    this.#deps.metrics.groupLag.remove({ group: this.#options.groupId, topic: slot.topic, partition: `${slot.partition}` })
    if (slot.waiting !== undefined) this.#sayWaiting()
  }

  #regulate(slot: Slot): void {
    if (this.#slots.get(`${slot.topic}:${slot.partition}`) !== slot || !this.#consumer) return
    const { records, bytes } = slot.worker.backlog()
    const request = [{ topic: slot.topic, partitions: [slot.partition] }]
    if (!slot.isPaused && (records >= MAX_BACKLOG_RECORDS || bytes >= MAX_BACKLOG_BYTES)) {
      slot.isPaused = true
      this.#consumer.pause(request)
    } else if (slot.isPaused && records <= MAX_BACKLOG_RECORDS / 2 && bytes <= MAX_BACKLOG_BYTES / 2) {
      slot.isPaused = false
      this.#consumer.resume(request)
    }
  }

  #count(record: KafkaRecord, outcome: RecordOutcome): void {
    this.#deps.metrics.groupRecords.inc({ group: this.#options.groupId, topic: record.topic, outcome })
  }

  #gauge(slot: Slot): void {
    const labels = { group: this.#options.groupId, topic: slot.topic, partition: `${slot.partition}` }
    this.#deps.metrics.groupLag.set(labels, Number(slot.end > slot.committed ? slot.end - slot.committed : 0n))
  }

  #waits(slot: Slot, wait: { record: KafkaRecord; error: unknown } | undefined): void {
    const { log, metrics, isTransient } = this.#deps
    const { topic, partition } = slot
    if (!wait) {
      log.info({ topic, partition }, 'partition goes on')
      slot.waiting = undefined
      this.#sayWaiting()
      return
    }
    metrics.groupRetries.inc({ group: this.#options.groupId, topic })
    const { record, error } = wait
    const why = error instanceof Error ? error.message : String(error)
    if (slot.waiting === undefined) log.warn({ topic, partition, offset: `${record.offset}`, reason: why }, 'partition waits')
    // What a handler waits for has a health entry of its own; that the dead letters cannot be written has none.
    slot.waiting = isTransient(error)
      ? ''
      : `${topic}:${partition} waits at offset ${record.offset}, since its dead letter cannot be written: ${why}`
    this.#sayWaiting()
  }

  #sayWaiting(): void {
    this.#deps.onWaiting([...this.#slots.values()].flatMap((slot) => (slot.waiting ? [slot.waiting] : [])))
  }
}
