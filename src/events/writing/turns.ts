import { TURN_MS } from '../timings.ts'
import type { PendingAnnouncement, PendingAnnouncements } from './pending-announcements.ts'

export interface TurnsDeps {
  readonly pending: PendingAnnouncements
  readonly isPrimary: () => boolean
  /** The turn in which this instance writes an announcement that the primary did not write: see rank.ts. */
  readonly rank: (id: string) => number
}

/**
 * Decides which instance writes an announcement that all instances received. The primary immediately writes announcements that it
 * receives as the primary. Every other instance waits one turn per rank, then writes those that its tail has not read.
 */
export class Turns {
  readonly #deps: TurnsDeps
  #wasPrimary = false

  constructor(deps: TurnsDeps) {
    this.#deps = deps
  }

  /**
   * Whether this instance is the primary now. The previous primary, or instances that took over, may be writing the announcements that
   * it received before it became the primary. So these wait for their turn; otherwise a whole outage would be written twice.
   */
  isPrimary(): boolean {
    const isPrimary = this.#deps.isPrimary()
    if (isPrimary && !this.#wasPrimary) this.#deps.pending.handOver()
    this.#wasPrimary = isPrimary
    return isPrimary
  }

  /** The announcements that this instance may write now, in order, at most `limit`. */
  due(isPrimary: boolean, limit: number): PendingAnnouncement[] {
    const { pending } = this.#deps
    const due: PendingAnnouncement[] = []
    for (const entry of pending.entries()) {
      const isAtOnce = isPrimary && !pending.isHandedOver(entry)
      if (isAtOnce || this.#isItsTurn(entry)) due.push(entry)
      if (due.length === limit) break
    }
    return due
  }

  /** The first turn comes after `TURN_MS`, so the rank of a younger announcement need not be computed. */
  #isItsTurn(entry: PendingAnnouncement): boolean {
    const age = this.#deps.pending.age(entry)
    return age >= TURN_MS && age >= TURN_MS * this.#deps.rank(entry.id)
  }
}
