import { setImmediate as nextTurn } from 'node:timers/promises'
import { sleep } from '../../lifecycle/time.ts'
import type { WebSocketMetrics } from '../../telemetry/websocket-metrics.ts'
import type { FeedGap, FeedItem } from './feed-item.ts'
import { gapFrame } from './frames.ts'
import type { RecentItems } from './recent-items.ts'

/** Upper bound per turn of the event loop. Between turns healthy sockets drain, so a large batch makes no client look slow. */
const TURN_BYTES = 64 * 1024

/** The topic of all clients without a subprotocol. */
export const TERANODE_TOPIC = 'teranode'
/** The topic of all live clients of the subprotocol, whatever their kinds. */
export const NOTICE_TOPIC = 'v1'
export const topicOf = (type: string): string => `v1/${type}`

export interface FeedDeps {
  readonly recent: RecentItems
  readonly metrics: WebSocketMetrics
  /** Hands one text to all sockets that follow the topic; the library frames it and keeps its order. */
  publish(topic: string, text: string): void
  /** Called after each turn, for the look at slow clients. */
  onTurn(bytes: number): void
}

/**
 * The live stream. Each event is one publish per protocol, however many listen. Clients join the stream between two publishes, in
 * one synchronous step, so nobody misses an event or gets it twice.
 */
export class Feed {
  readonly #deps: FeedDeps
  #turn: Promise<void> = Promise.resolve()
  /** Aborted when the position moves; only while somebody waits for that. */
  #waiting: AbortController | undefined
  #isStopped = false

  constructor(deps: FeedDeps) {
    this.#deps = deps
  }

  /** The cursor of the last event published, null before the first. */
  get cursor(): string | null {
    return this.#deps.recent.newest?.cursor ?? null
  }

  /** The items of one batch of records, and the offset after that batch. Await it: that is the back-pressure. */
  publish(items: readonly FeedItem[], next: bigint): Promise<void> {
    return this.#afterEarlier(() => this.#publishInTurns(items, next))
  }

  /** The event log has a gap, or was recreated: all clients are told, and the recent items are dropped. */
  gap({ requested, next, reason }: FeedGap): Promise<void> {
    return this.#afterEarlier(() => {
      if (this.#isStopped) return
      const from = this.cursor ?? requested.toString()
      this.#deps.recent.restart(next)
      this.#deps.publish(NOTICE_TOPIC, gapFrame({ requested: from, oldest: null, reason }))
      this.#wake()
    })
  }

  /** Resolves when the position has moved, or after the time given. */
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
    const { recent, publish, metrics } = this.#deps
    // Already published: a tail that reads a batch again must not deliver it again.
    if (recent.position !== null && item.offset < recent.position) return 0
    recent.push(item)
    publish(topicOf(item.type), item.frame)
    if (item.teranode !== null) publish(TERANODE_TOPIC, item.teranode)
    metrics.published(item.type)
    return item.frame.length
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
