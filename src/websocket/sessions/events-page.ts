import type { Subscription } from '../clients/client-message.ts'
import type { FeedItem } from '../feed/feed-item.ts'
import { HistoryBusyError } from './replay-slots.ts'
import type { ReplayGap, ReplayTarget } from './replay-target.ts'
import type { Replays } from './replays.ts'

/** Some events of the past, as one answer. */
export interface EventsPage {
  /** Texts of `event` messages. */
  readonly events: readonly string[]
  /** The cursor for the next page: that of the last event that was looked at; null when there is none. */
  readonly next: string | null
  /** Whether there is nothing more yet. */
  readonly caughtUp: boolean
  readonly gap: ReplayGap | null
}

export interface EventsPageRequest {
  readonly subscription: Subscription
  /** Upper bound on the events. */
  readonly limit: number
  readonly network: string
  /** Aborted when the client has left. */
  readonly signal: AbortSignal
}

/** A page ends early beyond this. */
const PAGE_BYTES = 1024 * 1024
/** Time for looking: a filter that nothing passes gives an empty page, and the cursor from which to look on. */
const LOOK_MS = 5_000

/** Reads one page by a replay that ends when the page is full. Rejects as `Replays.run` does, and with a HistoryBusyError after a while. */
export async function readEventsPage({ subscription, limit, network, signal }: EventsPageRequest, replays: Replays): Promise<EventsPage> {
  const page = new Page(limit, subscription.cursor?.text ?? null)
  const end = () => page.end()
  signal.addEventListener('abort', end)
  const timer = setTimeout(end, LOOK_MS)
  try {
    await replays.run({ network, subscription, signal: page.signal }, page)
  } catch (error) {
    if (!page.signal.aborted) throw error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  }
  if (!page.hasLooked) throw new HistoryBusyError(`history could not be read within ${LOOK_MS / 1000} s; try again later`)
  return page.answer(replays.newest)
}

class Page implements ReplayTarget {
  readonly #limit: number
  readonly #end = new AbortController()
  readonly #events: string[] = []
  #bytes = 0
  #next: string | null
  #caughtUp = false
  /** Whether events were left out, because the page is full. */
  #isCut = false
  /** Whether the replay has come to any event, or to the end. */
  hasLooked = false
  #gap: ReplayGap | null = null

  constructor(limit: number, cursor: string | null) {
    this.#limit = limit
    this.#next = cursor
  }

  get signal(): AbortSignal {
    return this.#end.signal
  }

  gap(gap: ReplayGap): void {
    this.#gap = gap
  }

  events(wanted: readonly FeedItem[], cursor: string): void {
    this.hasLooked = true
    for (const { frame, cursor: own } of wanted) {
      if (this.#isFull()) {
        this.#isCut = true
        return
      }
      this.#events.push(frame)
      this.#bytes += frame.length
      this.#next = own
    }
    this.#next = cursor
    if (this.#isFull()) this.end()
  }

  #isFull(): boolean {
    return this.#events.length >= this.#limit || this.#bytes >= PAGE_BYTES
  }

  async readOn(): Promise<void> {}

  /** Called in the same step as the last events, so it may follow on the end of the page. */
  caughtUp(cursor: string | null): void {
    this.hasLooked = true
    if (this.#isCut) return
    this.#next = cursor ?? this.#next
    this.#caughtUp = true
  }

  end(): void {
    this.#end.abort(new Error('the page is full, or nobody waits for it'))
  }

  /** A page may be full with the newest event. */
  answer(newest: string | null): EventsPage {
    const caughtUp = this.#caughtUp || (newest !== null && this.#next === newest)
    return { events: this.#events, next: this.#next, caughtUp, gap: this.#gap }
  }
}
