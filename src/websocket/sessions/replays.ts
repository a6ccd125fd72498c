import type { Clock } from '../../lifecycle/clock.ts'
import { withDeadline } from '../../lifecycle/time.ts'
import type { Subscription } from '../clients/client-message.ts'
import type { Feed } from '../feed/feed.ts'
import type { FeedHistory } from '../feed/feed-item.ts'
import type { RecentItems } from '../feed/recent-items.ts'
import { catchUp } from './catch-up.ts'
import { joinAtOnce } from './join-at-once.ts'
import { Pieces } from './pieces.ts'
import { ReplaySlots } from './replay-slots.ts'
import type { ReplayTarget } from './replay-target.ts'
import { SlottedHistory } from './slotted-history.ts'
import { createTurns } from './turns.ts'

export interface ReplaysOptions {
  readonly replays: number
  readonly replaysPerAddress: number
  readonly waitingReplays: number
  readonly replayWaitMs: number
  readonly readTimeoutMs: number
}

export interface ReplaysDeps {
  readonly history: FeedHistory
  readonly feed: Pick<Feed, 'advanced' | 'cursor'>
  readonly recent: RecentItems
  readonly clock: Pick<Clock, 'steady'>
}

export interface ReplayRequest {
  /** The unit of counting of the client's address. */
  readonly network: string
  readonly subscription: Subscription
  /** Aborted when nobody wants the replay any more. */
  readonly signal: AbortSignal
}

/** All replays of the process, of clients and of single requests: they share the places and take turns. */
export class Replays {
  readonly #options: ReplaysOptions
  readonly #deps: ReplaysDeps
  readonly #slots: ReplaySlots
  readonly #turn = createTurns()
  readonly #pieces = new Pieces()

  constructor(options: ReplaysOptions, deps: ReplaysDeps) {
    this.#options = options
    this.#deps = deps
    const { replays, replaysPerAddress, waitingReplays, replayWaitMs } = options
    this.#slots = new ReplaySlots({
      slots: replays,
      slotsPerAddress: replaysPerAddress,
      maxWaiting: waitingReplays,
      maxWaitMs: replayWaitMs,
    })
  }

  /** The cursor of the newest event; null before the first. */
  get newest(): string | null {
    return this.#deps.feed.cursor
  }

  /** The cursor of the oldest event. */
  oldest(): Promise<string | null> {
    return this.#bounded(() => this.#deps.history.oldest())
  }

  /** Whether the target is in the live stream already. Otherwise nothing was sent, and `run` brings it there. */
  atOnce(subscription: Subscription, target: ReplayTarget): boolean {
    return joinAtOnce(target, subscription, this.#deps.recent)
  }

  /** Where the past came from; `left` when the signal aborted. Rejects with a HistoryBusyError, or when the event log cannot be read. */
  async run({ network, subscription, signal }: ReplayRequest, target: ReplayTarget): Promise<'recent' | 'log' | 'left'> {
    const { feed, recent, clock } = this.#deps
    const history = new SlottedHistory(
      { network, signal },
      { history: this.#deps.history, slots: this.#slots, bounded: (read) => this.#bounded(read) },
    )
    try {
      const isLive = await catchUp(target, subscription, signal, {
        recent,
        history,
        pieces: this.#pieces,
        advanced: (withinMs) => feed.advanced(withinMs),
        turn: this.#turn,
        now: () => clock.steady(),
      })
      return isLive ? history.source : 'left'
    } finally {
      history.leave()
    }
  }

  #bounded<T>(read: () => Promise<T>): Promise<T> {
    return withDeadline(read(), this.#options.readTimeoutMs, 'reading the event log')
  }
}
