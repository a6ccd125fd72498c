import type { Clock } from '../lifecycle/clock.ts'
import type { EventLogSubscriber } from './reading/subscribers.ts'

/** An instance that starts or stops writes an event: the rebalance that follows is over by then. */
const QUIET_AFTER_MS = 5000

export interface QuietWatchDeps {
  readonly clock: Pick<Clock, 'steady'>
}

interface FollowedView {
  subscribe(subscriber: EventLogSubscriber): () => void
  isLive(): boolean
}

/**
 * Whether nothing flows: the event log is read to its end, and has had no event for 5 s. What comes from the node, from the network, and
 * with instances that start or stop, is an event. While the event log cannot be read it is not quiet: then it matters how soon a group
 * recovers.
 */
export class QuietWatch {
  readonly #clock: Pick<Clock, 'steady'>
  #lastEventAt: number
  #isLive: () => boolean = () => false

  constructor({ clock }: QuietWatchDeps) {
    this.#clock = clock
    this.#lastEventAt = clock.steady()
  }

  /** Follows the event log from now on. */
  follow(view: FollowedView): void {
    this.#isLive = () => view.isLive()
    view.subscribe({
      onEntries: () => {
        this.#lastEventAt = this.#clock.steady()
      },
    })
  }

  isQuiet(): boolean {
    return this.#isLive() && this.#clock.steady() - this.#lastEventAt > QUIET_AFTER_MS
  }
}
