import '../../lifecycle/promise-with-resolvers.ts'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { WebSocketMetrics } from '../../telemetry/websocket-metrics.ts'
import type { FeedGap, FeedItem } from './feed-item.ts'
import { gapFrame } from './frames.ts'
import type { RecentItems } from './recent-items.ts'

/** Published in one turn of the event loop. Between turns healthy sockets empty, so that a large batch makes nobody look slow. */
const TURN_BYTES = 64 * 1024

/** Everything that clients without a subprotocol hear. */
export const TERANODE_TOPIC = 'teranode'
/** What every live client of the subprotocol hears, whatever its kinds. */
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
 * The live stream. Each event is one publish per protocol, whoever listens. Since clients are carried into the stream between two
 * publishes, in one synchronous step, nobody misses an event or hears it twice.
 */
export class Feed {
  readonly #deps: FeedDeps
  #turn: Promise<void> = Promise.resolve()
  #advanced = Promise.withResolvers<void>()
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

  /** The log has a hole, or began anew: everybody is told, and what is remembered is forgotten. */
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
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs)
    })
    await Promise.race([this.#advanced.promise, late])
    clearTimeout(timer)
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
    // Already said: a tail that reads a batch again must not make clients hear it again.
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
    this.#advanced.resolve()
    this.#advanced = Promise.withResolvers<void>()
  }
}
