import type { Client } from '../clients/client.ts'
import type { Subscription } from '../clients/client-message.ts'
import { NOTICE_TOPIC } from '../feed/feed.ts'
import type { FeedItem } from '../feed/feed-item.ts'
import type { ClassPlace, LiveWish } from '../feed/filter-classes.ts'
import { caughtUpFrame, gapFrame, pingFrame } from '../feed/frames.ts'
import type { LiveTopics } from '../feed/live-topics.ts'
import type { GapReason, ReplayGap, ReplayTarget } from './replay-target.ts'

export interface ClientTargetDeps {
  readonly topics: Pick<LiveTopics, 'of'>
  gapSent(reason: GapReason): void
  /** A place among the clients with the same filter; null when there are too many filters. */
  joinClass(wish: LiveWish): ClassPlace | null
}

/** The client is told, and may come again without a filter. */
export class TooManyFiltersError extends Error {
  override readonly name = 'TooManyFiltersError'
  readonly code = 'BRIDGE_TOO_MANY_FILTERS'
}

/** A connection: its replay ends in the live stream. `caughtUp` throws a TooManyFiltersError. */
export class ClientTarget implements ReplayTarget {
  readonly #client: Client
  readonly #subscription: Subscription
  readonly #deps: ClientTargetDeps
  #looked: string | null

  constructor(client: Client, subscription: Subscription, deps: ClientTargetDeps) {
    this.#client = client
    this.#subscription = subscription
    this.#deps = deps
    this.#looked = subscription.cursor?.text ?? null
  }

  gap(gap: ReplayGap): void {
    this.#client.send(gapFrame(gap))
    this.#deps.gapSent(gap.reason)
  }

  events(wanted: readonly FeedItem[], cursor: string): void {
    this.#looked = cursor
    if (wanted.length === 0) return
    if (this.#subscription.batchMs === 0) this.#client.sendItems(wanted)
    else this.#client.send(`[${wanted.map(({ frame }) => frame).join(',')}]`)
  }

  readOn(signal: AbortSignal): Promise<void> {
    return this.#client.readOn(signal)
  }

  caughtUp(cursor: string | null): void {
    this.#follow()
    this.#client.send(caughtUpFrame(cursor))
  }

  /** A replay may look for long and find nothing. Its ping carries the cursor up to which it has looked, not that of the live stream. */
  ping(now: number): void {
    this.#client.send(pingFrame(this.#looked, now))
  }

  #follow(): void {
    const { topics, joinClass } = this.#deps
    const { types, filter, batchMs } = this.#subscription
    if (filter === null && batchMs === 0) {
      this.#client.follow(topics.of(types))
      return
    }
    const place = joinClass(this.#subscription)
    if (!place) throw new TooManyFiltersError('too many different filters are in use; subscribe without a filter, or try again later')
    this.#client.follow([NOTICE_TOPIC, place.topic], place.leave)
  }
}
