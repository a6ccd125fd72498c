import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import { withDeadline } from '../../lifecycle/time.ts'
import type { WebSocketMetrics } from '../../telemetry/websocket-metrics.ts'
import type { Client } from '../clients/client.ts'
import { ClientMessageError, parseClientMessage, type Subscription } from '../clients/client-message.ts'
import { type Feed, TERANODE_TOPIC } from '../feed/feed.ts'
import type { FeedHistory } from '../feed/feed-item.ts'
import { CLOSE, errorFrame, type HelloFacts, helloFrame } from '../feed/frames.ts'
import type { RecentItems } from '../feed/recent-items.ts'
import { catchUp } from './catch-up.ts'
import { createGate } from './gate.ts'

export interface SessionsOptions {
  readonly types: readonly string[]
  readonly defaultTypes: readonly string[]
  readonly maxLast: number
  readonly maxInboundBytes: number
  readonly inboundPerSecond: number
  readonly concurrentReads: number
  readonly readTimeoutMs: number
}

export interface SessionsDeps {
  readonly log: Logger
  readonly metrics: WebSocketMetrics
  readonly history: FeedHistory
  readonly feed: Feed
  readonly recent: RecentItems
  readonly clock: Pick<Clock, 'wall' | 'steady'>
  hello(): HelloFacts
  /** The first text for a client without a subprotocol; null for none. */
  teranodeGreeting(): string | null
}

/** The dialogue with each client: hello, subscription, and the replay into the live stream. */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #deps: SessionsDeps
  readonly #inTurn: <T>(task: () => Promise<T>) => Promise<T>
  /** Refreshed by a timer rather than per client: a thousand clients that return at once cost one read of Kafka. */
  #oldest: string | null = null

  constructor(options: SessionsOptions, deps: SessionsDeps) {
    this.#options = options
    this.#deps = deps
    this.#inTurn = createGate(options.concurrentReads)
  }

  refreshOldest(): void {
    const { history, log } = this.#deps
    this.#bounded(() => history.oldest()).then(
      (oldest) => {
        this.#oldest = oldest
      },
      (error: unknown) => log.debug({ err: error }, 'oldest cursor not read'),
    )
  }

  opened(client: Client): void {
    if (client.protocol === 'teranode') {
      const greeting = this.#deps.teranodeGreeting()
      if (greeting !== null) client.send([greeting])
      client.follow([TERANODE_TOPIC])
      return
    }
    const { feed, hello, clock } = this.#deps
    client.send([helloFrame(hello(), { oldest: this.#oldest, newest: feed.cursor, types: this.#options.types, now: clock.wall() })])
  }

  heard(client: Client, text: string): void {
    const { inboundPerSecond, maxInboundBytes } = this.#options
    if (text.length > maxInboundBytes) client.close('bad-message', CLOSE.tooLong, `a message may have ${maxInboundBytes} bytes`)
    else if (!client.mayTalk(inboundPerSecond, this.#deps.clock.steady()))
      client.close('bad-message', CLOSE.tooManyMessages, 'too many messages')
    // Teranode's server ignores messages, so its clients may send anything within the bounds above.
    else if (client.protocol === 'v1') this.#subscribe(client, text)
  }

  #subscribe(client: Client, text: string): void {
    try {
      const subscription = parseClientMessage(text, this.#options, this.#deps.history.offsetOf)
      client.replay += 1
      client.unfollow()
      void this.#serve(client, subscription)
    } catch (error) {
      if (!(error instanceof ClientMessageError)) throw error
      client.send([errorFrame(error.message)])
      client.close('bad-message', CLOSE.badMessage, 'bad message')
    }
  }

  /** Never rejects: a failure closes this client's connection, and the client may reconnect. */
  async #serve(client: Client, subscription: Subscription): Promise<void> {
    const { feed, recent, history, metrics, log, clock } = this.#deps
    const number = client.replay
    let source = 'recent'
    const fromLog = <T>(read: () => Promise<T>): Promise<T> => {
      source = 'log'
      return this.#inTurn(() => this.#bounded(read))
    }
    try {
      const isLive = await catchUp(client, subscription, {
        recent,
        advanced: (withinMs) => feed.advanced(withinMs),
        open: () => {
          const reader = history.open()
          return { read: (from) => fromLog(() => reader.read(from)) }
        },
        startOfLast: (count, types) => fromLog(() => history.startOfLast(count, types)),
        now: () => clock.steady(),
        gapSent: (reason) => metrics.gaps.inc({ reason }),
      })
      if (!client.isOwn) metrics.replays.inc({ outcome: isLive ? source : 'left' })
    } catch (error) {
      metrics.replays.inc({ outcome: 'failed' })
      log.warn({ err: error, address: client.address.text }, 'history not readable for a browser')
      if (client.replay === number) client.close('history-away', CLOSE.tryAgainLater, 'history cannot be read now; try again later')
    }
  }

  #bounded<T>(read: () => Promise<T>): Promise<T> {
    return withDeadline(read(), this.#options.readTimeoutMs, 'reading the event log')
  }
}
