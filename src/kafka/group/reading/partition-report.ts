import type { Logger } from 'pino'
import type { Clock } from '../../../lifecycle/clock.ts'
import type { KafkaMetrics } from '../../../telemetry/kafka-metrics.ts'
import { describeTrouble, troubleOf } from '../../client/trouble.ts'
import type { PositionMove } from '../../reader/partition-position.ts'
import type { KafkaRecord } from '../../record.ts'
import type { GroupHealth } from '../group-health.ts'

export interface PartitionReportOptions {
  readonly groupId: string
  readonly topic: string
  readonly partition: number
  readonly brokers: readonly string[]
}

export interface PartitionReportDeps {
  readonly log: Logger
  readonly metrics: Pick<KafkaMetrics, 'groupRetries' | 'groupMoves' | 'groupLostOffsets'>
  readonly clock: Pick<Clock, 'steady'>
  readonly health: GroupHealth
  readonly isTransient: (error: unknown) => boolean
}

/** A fail-over takes seconds and needs nobody; trouble that needs an operator is reported sooner. */
const SAY_AWAY_AFTER_MS = 5000
const SAY_OTHERS_AFTER_MS = 1000

/** Reports the state of one assigned partition: once in the log, in readiness while it lasts, and as metrics. */
export class PartitionReport {
  readonly #options: PartitionReportOptions
  readonly #deps: PartitionReportDeps
  readonly #key: string
  #waiting: string | undefined
  #unreadable: string | undefined
  #failingSince: number | undefined

  constructor(options: PartitionReportOptions, deps: PartitionReportDeps) {
    this.#options = options
    this.#deps = deps
    this.#key = `${options.topic}:${options.partition}`
  }

  /** The partition waits for one record, or continues. */
  waits(wait: { record: KafkaRecord; error: unknown } | undefined): void {
    const { log, metrics, isTransient } = this.#deps
    const { groupId, topic, partition } = this.#options
    if (!wait) {
      log.info({ topic, partition }, 'partition goes on')
      this.#waiting = undefined
      this.#say()
      return
    }
    metrics.groupRetries.inc({ group: groupId, topic })
    const { record, error } = wait
    const why = error instanceof Error ? error.message : String(error)
    if (this.#waiting === undefined) log.warn({ topic, partition, offset: `${record.offset}`, reason: why }, 'partition waits')
    // The thing that a handler waits for has its own health entry; dead letters that cannot be written have none.
    this.#waiting = isTransient(error)
      ? ''
      : `${this.#key} waits at offset ${record.offset}, since its dead letter cannot be written: ${why}`
    this.#say()
  }

  /** A request for the partition failed, or one succeeded again. */
  trouble(error: unknown): void {
    if (error === undefined) {
      this.#failingSince = undefined
      this.#unreadable = undefined
    } else {
      const now = this.#deps.clock.steady()
      this.#failingSince ??= now
      const patienceMs = troubleOf(error) === 'away' ? SAY_AWAY_AFTER_MS : SAY_OTHERS_AFTER_MS
      const { topic, brokers } = this.#options
      this.#deps.log.debug({ err: error, partition: this.#key }, 'a read of a partition failed')
      if (now - this.#failingSince >= patienceMs) {
        this.#unreadable = `${this.#key} cannot be read: ${describeTrouble(error, { brokers, topics: [topic] })}`
      }
    }
    this.#say()
  }

  /** Reading could not continue at its position. */
  moved({ reason, requested, next }: PositionMove): void {
    const { groupId: group, topic, partition } = this.#options
    const { log, metrics } = this.#deps
    const lost = reason === 'expired' ? next - requested : 0n
    metrics.groupMoves.inc({ group, topic, reason })
    if (lost > 0n) metrics.groupLostOffsets.inc({ group, topic, partition: `${partition}` }, Number(lost))
    const fields = { group, topic, partition, requested: `${requested}`, next: `${next}` }
    log.warn(reason === 'expired' ? { ...fields, lost: `${lost}` } : fields, MOVED[reason])
  }

  /** The partition is no longer assigned here. */
  end(): void {
    this.#deps.health.partition(this.#key, undefined)
  }

  #say(): void {
    this.#deps.health.partition(this.#key, this.#waiting || this.#unreadable)
  }
}

const MOVED: Readonly<Record<PositionMove['reason'], string>> = {
  expired: 'records were deleted before this group had read them, by retention or by delete-records',
  truncated: 'the partition lost its newest records, as by an unclean election: reading goes on where its log has changed',
  'topic-made-anew': 'the topic was deleted and created again: it is read from its beginning',
}
