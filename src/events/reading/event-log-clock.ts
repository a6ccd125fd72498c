import type { KafkaRecord } from '../../kafka/record.ts'
import type { Clock } from '../../lifecycle/clock.ts'

/**
 * The time by the event log, whose broker stamps each record: our own clock may be minutes off, and ages of records must not be. Our own
 * wall clock is used until the tail has read the first record with a timestamp of the broker. The own instance record is one, each
 * minute.
 */
export class EventLogClock {
  readonly #clock: Pick<Clock, 'steady' | 'wall'>
  /** The event log's time minus the steady clock. */
  #aheadMs: number | undefined

  constructor({ clock }: { clock: Pick<Clock, 'steady' | 'wall'> }) {
    this.#clock = clock
  }

  /**
   * Assumes that the record was written a moment ago. A record that was delayed makes the event log's time too early, and records seem
   * too young, until the next record: in doubt a record is kept rather than dropped.
   */
  observe(record: Pick<KafkaRecord, 'timestamp' | 'isProducerTime'>): void {
    if (!record.isProducerTime) this.#aheadMs = record.timestamp - this.#clock.steady()
  }

  /** Whole milliseconds since the epoch, as records carry them: a steady clock counts fractions. */
  now(): number {
    return Math.floor(this.#aheadMs === undefined ? this.#clock.wall() : this.#clock.steady() + this.#aheadMs)
  }
}
