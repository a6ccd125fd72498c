import type { KafkaRecord } from '../../kafka/record.ts'
import type { Clock } from '../../lifecycle/clock.ts'

/**
 * What time it is by the event log, whose broker stamps each record: our own clock may be minutes off, and ages of records must not
 * be. Until the first record of the broker's time has come by there is only our own wall clock. The own instance record is one,
 * each minute.
 */
export class EventLogClock {
  readonly #clock: Pick<Clock, 'steady' | 'wall'>
  /** The event log's time minus the steady clock. */
  #aheadMs: number | undefined

  constructor({ clock }: { clock: Pick<Clock, 'steady' | 'wall'> }) {
    this.#clock = clock
  }

  /**
   * A record came by a moment after it was written. One that was under way for longer makes the event log's time seem earlier, and
   * so records younger than they are, until the next one: in doubt a record is kept rather than dropped.
   */
  observe(record: Pick<KafkaRecord, 'timestamp' | 'isProducerTime'>): void {
    if (!record.isProducerTime) this.#aheadMs = record.timestamp - this.#clock.steady()
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#aheadMs === undefined ? this.#clock.wall() : this.#clock.steady() + this.#aheadMs
  }
}
