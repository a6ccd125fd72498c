import { TURN_MS } from '../timings.ts'
import type { PendingAnnouncement, PendingAnnouncements } from './pending-announcements.ts'

export interface TurnsDeps {
  readonly pending: PendingAnnouncements
  readonly isPrimary: () => boolean
  /** In which turn this instance writes an announcement that the primary did not write: see rank.ts. */
  readonly rank: (id: string) => number
}

/**
 * Whose turn it is to write an announcement that all instances heard. The primary writes at once what it hears as the primary. Every
 * other instance writes what has not come by in its tail after one turn per rank.
 */
export class Turns {
  readonly #deps: TurnsDeps
  #wasPrimary = false

  constructor(deps: TurnsDeps) {
    this.#deps = deps
  }

  /**
   * Whether this instance is the primary now. What it heard before it became the primary may be on its way by the previous one, or
   * by those who took over; so it waits for its turn, or a whole outage would be written twice.
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
