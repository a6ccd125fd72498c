import { setImmediate as nextTurn } from 'node:timers/promises'
import { sleep } from '../../lifecycle/time.ts'
import type { WebSocketMetrics } from '../../telemetry/websocket-metrics.ts'
import type { FeedGap, FeedItem } from './feed-item.ts'
import type { FilterClasses } from './filter-classes.ts'
import { gapFrame } from './frames.ts'
import type { RecentItems } from './recent-items.ts'

/** Upper bound per turn of the event loop. Healthy sockets drain between turns, so a large batch makes no client look slow. */
const TURN_BYTES = 64 * 1024

/** The topic of all clients without a subprotocol. */
export const TERANODE_TOPIC = 'teranode'
/** The topic of all live clients of the subprotocol, for all kinds. */
export const NOTICE_TOPIC = 'v1'
export const topicOf = (type: string): string => `v1/${type}`

export interface FeedDeps {
  readonly recent: RecentItems
  readonly metrics: WebSocketMetrics
  /** Sends one text to all sockets that follow the topic; the library frames it and keeps the order. */
  publish(topic: string, text: string): void
  /** Whether any socket follows the topic. What nobody follows is not serialised. */
  isFollowed(topic: string): boolean
  /** Clients with filters. */
  readonly classes: Pick<FilterClasses, 'publish' | 'flush'>
  /** Called after each turn, to check for slow clients. */
  onTurn(bytes: number): void
}

/**
 * The live stream. Each event is one publish per protocol, for any number of clients. Clients join the stream between two publishes,
 * in one synchronous step, so no client misses an event or gets it twice.
 */
export class Feed {
  readonly #deps: FeedDeps
  #turn: Promise<void> = Promise.resolve()
  /** Aborted when the position moves; exists only while a caller waits for that. */
  #waiting: AbortController | undefined
  #isStopped = false

  constructor(deps: FeedDeps) {
    this.#deps = deps
  }

  /** The cursor of the last event published, or of the last one before the start; null when there is none. */
  get cursor(): string | null {
    return this.#deps.recent.cursor
  }

  /** Whether the event log has been read up to its end once. Before that `cursor` is null, whatever the event log holds. */
  get isBegun(): boolean {
    return this.#deps.recent.position !== null
  }

  /** Publishes the items of one batch; `next` is the offset after the batch. Await it for back-pressure. */
  publish(items: readonly FeedItem[], next: bigint): Promise<void> {
    return this.#afterEarlier(() => this.#publishInTurns(items, next))
  }

  /** The event log has a gap, or was recreated: tells all clients, and drops the recent items. */
  gap({ requested, next, reason }: FeedGap): Promise<void> {
    return this.#afterEarlier(() => {
      if (this.#isStopped) return
      const from = this.cursor
      const missed = next > requested ? Number(next - requested) : undefined
      this.#deps.recent.restart(next)
      this.#deps.classes.flush()
      this.#deps.publish(NOTICE_TOPIC, gapFrame({ requested: from, oldest: null, reason, ...(missed === undefined ? {} : { missed }) }))
      this.#wake()
    })
  }

  /** Resolves when the position has moved, or after `withinMs`. */
  async advanced(withinMs: number): Promise<void> {
    this.#waiting ??= new AbortController()
    await sleep(withinMs, this.#waiting.signal)
  }

  stop(): void {
    this.#isStopped = true
    this.#wake()
  }

  #afterEarlier(task: () => void | Promise<void>): Promise<void> {
    const turn = this.#turn.then(task)
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #publishInTurns(items: readonly FeedItem[], next: bigint): Promise<void> {
    let bytes = 0
    for (const item of items) {
      if (this.#isStopped) return
      bytes += this.#publishOne(item)
      if (bytes < TURN_BYTES) continue
      this.#endTurn(bytes)
      bytes = 0
      await nextTurn()
    }
    if (this.#isStopped) return
    const { recent, metrics } = this.#deps
    recent.advance(next)
    metrics.position.set(Number(recent.position))
    this.#endTurn(bytes)
  }

  #publishOne(item: FeedItem): number {
    const { recent, publish, isFollowed, classes, metrics } = this.#deps
    // Already published: a tail that rereads a batch must not deliver it again.
    if (recent.position !== null && item.offset < recent.position) return 0
    recent.push(item)
    const topic = topicOf(item.type)
    if (isFollowed(topic)) publish(topic, item.frame)
    classes.publish(item)
    if (isFollowed(TERANODE_TOPIC) && item.teranode !== null) publish(TERANODE_TOPIC, item.teranode)
    metrics.published(item.type)
    return item.size
  }

  #endTurn(bytes: number): void {
    this.#deps.onTurn(bytes)
    this.#wake()
  }

  #wake(): void {
    this.#waiting?.abort('the position has moved')
    this.#waiting = undefined
  }
}
