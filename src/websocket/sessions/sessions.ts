import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import type { WebSocketMetrics } from '../../telemetry/websocket-metrics.ts'
import type { Client } from '../clients/client.ts'
import { parseClientMessage, type Subscription } from '../clients/client-message.ts'
import { ClientMessageError } from '../clients/message-error.ts'
import { type Feed, TERANODE_TOPIC } from '../feed/feed.ts'
import type { FeedHistory } from '../feed/feed-item.ts'
import type { FilterClasses } from '../feed/filter-classes.ts'
import { CLOSE, errorFrame, type HelloFacts, type HelloLimits, helloFrame, subscribedFrame, unsubscribedFrame } from '../feed/frames.ts'
import { LiveTopics } from '../feed/live-topics.ts'
import { ClientTarget, type ClientTargetDeps, TooManyFiltersError } from './client-target.ts'
import { HistoryBusyError } from './replay-slots.ts'
import type { Replays } from './replays.ts'

export interface SessionsOptions {
  readonly types: readonly string[]
  readonly defaultTypes: readonly string[]
  readonly maxLast: number
  readonly maxInboundBytes: number
  readonly inboundPerSecond: number
  readonly slowClientBytes: number
}

export interface SessionsDeps {
  readonly log: Logger
  readonly metrics: WebSocketMetrics
  readonly history: Pick<FeedHistory, 'offsetOf'>
  readonly feed: Pick<Feed, 'cursor' | 'isBegun'>
  readonly classes: Pick<FilterClasses, 'join'>
  readonly replays: Replays
  readonly clock: Pick<Clock, 'wall' | 'steady'>
  hello(): HelloFacts
  /** The first text for a client without a subprotocol; null for none. */
  teranodeGreeting(): string | null
}

/** The dialogue with each client: hello, subscription, and the replay into the live stream. */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #deps: SessionsDeps
  /** Refreshed by a timer rather than per client: a thousand clients that return at once cost one read of Kafka. */
  #oldest: string | null | undefined
  #greeted: { now: number; oldest: string | null | undefined; newest: string | null | undefined; text: string } | undefined
  /** Clients whose replay is not done: the pings of the live stream do not reach them. */
  readonly #replaying = new Set<ClientTarget>()
  /** One for all clients. */
  readonly #targetDeps: ClientTargetDeps

  constructor(options: SessionsOptions, deps: SessionsDeps) {
    this.#options = options
    this.#deps = deps
    this.#targetDeps = {
      topics: new LiveTopics(),
      gapSent: (reason) => deps.metrics.gaps.inc({ reason }),
      joinClass: (wish) => deps.classes.join(wish),
    }
  }

  refreshOldest(): void {
    const { replays, log } = this.#deps
    replays.oldest().then(
      (oldest) => {
        this.#oldest = oldest
      },
      (error: unknown) => log.debug({ err: error }, 'oldest cursor not read'),
    )
  }

  opened(client: Client): void {
    if (client.protocol === 'teranode') {
      const greeting = this.#deps.teranodeGreeting()
      if (greeting !== null) client.send(greeting)
      client.follow([TERANODE_TOPIC])
      return
    }
    client.send(this.#greeting())
  }

  /** The same text for all that come in one millisecond: a thousand that return together do. */
  #greeting(): string {
    const { feed, hello, clock } = this.#deps
    const now = clock.wall()
    const oldest = this.#oldest
    const newest = feed.isBegun ? feed.cursor : undefined
    if (this.#greeted?.now === now && this.#greeted.oldest === oldest && this.#greeted.newest === newest) return this.#greeted.text
    const text = helloFrame(hello(), { oldest, newest, types: this.#options.types, limits: this.#limits(), now })
    this.#greeted = { now, oldest, newest, text }
    return text
  }

  #limits(): HelloLimits {
    const { maxLast, maxInboundBytes, inboundPerSecond, slowClientBytes } = this.#options
    return { last: maxLast, messageBytes: maxInboundBytes, messagesPerSecond: inboundPerSecond, unsentBytes: slowClientBytes }
  }

  heard(client: Client, text: string, isBinary = false): void {
    if (client.endingSince !== null) return
    const { inboundPerSecond, maxInboundBytes } = this.#options
    const now = this.#deps.clock.steady()
    if (Buffer.byteLength(text) > maxInboundBytes) {
      client.close({ cause: 'bad-message', code: CLOSE.tooLong, reason: `a message may have ${maxInboundBytes} bytes`, now })
    } else if (!client.mayTalk(inboundPerSecond, now)) {
      client.close({ cause: 'bad-message', code: CLOSE.tooManyMessages, reason: 'too many messages', now })
    }
    // Teranode's server ignores messages, so its clients may send anything within the bounds above.
    else if (client.protocol === 'v1') this.#understand(client, text, isBinary)
  }

  #understand(client: Client, text: string, isBinary: boolean): void {
    try {
      if (isBinary) throw new ClientMessageError('the message is binary; send JSON in a text message')
      const message = parseClientMessage(text, this.#options, this.#deps.history.offsetOf)
      if (message.type === 'subscribe') this.subscribe(client, message.subscription)
      if (message.type === 'unsubscribe') {
        client.unsubscribe()
        client.send(unsubscribedFrame(this.#deps.feed.cursor))
      }
    } catch (error) {
      if (!(error instanceof ClientMessageError)) throw error
      client.send(errorFrame('bad-message', error.message))
      client.close({ cause: 'bad-message', code: CLOSE.badMessage, reason: 'bad message', now: this.#deps.clock.steady() })
    }
  }

  /** What the client wants from now on. Its replay begins, and that of an earlier subscription ends. */
  subscribe(client: Client, subscription: Subscription): void {
    client.beginSubscription()
    client.send(subscribedFrame(subscription))
    const target = new ClientTarget(client, subscription, this.#targetDeps)
    try {
      if (!this.#deps.replays.atOnce(subscription, target)) void this.#replay(client, subscription, target)
      else this.#joined(client, 'recent')
    } catch (error) {
      this.#sendAway(client, error)
    }
  }

  /** Never rejects: a failure closes this client's connection, and the client may reconnect. */
  async #replay(client: Client, subscription: Subscription, target: ClientTarget): Promise<void> {
    const { metrics, replays } = this.#deps
    const signal = client.beginReplay()
    this.#replaying.add(target)
    try {
      this.#joined(client, await replays.run({ network: client.address.network, subscription, signal }, target))
    } catch (error) {
      if (signal.aborted) metrics.replays.inc({ outcome: 'left' })
      else this.#sendAway(client, error)
    } finally {
      this.#replaying.delete(target)
      client.replayed(signal)
    }
  }

  #joined(client: Client, outcome: 'recent' | 'log' | 'left'): void {
    if (!client.isOwn) this.#deps.metrics.replays.inc({ outcome })
  }

  pingReplaying(): void {
    const now = this.#deps.clock.wall()
    for (const target of this.#replaying) target.ping(now)
  }

  #sendAway(client: Client, error: unknown): void {
    const { metrics, log, clock } = this.#deps
    if (error instanceof TooManyFiltersError) client.send(errorFrame('too-many-filters', error.message))
    const isBusy = error instanceof HistoryBusyError || error instanceof TooManyFiltersError
    metrics.replays.inc({ outcome: isBusy ? 'busy' : 'failed' })
    const fields = { err: error, address: client.address.text }
    if (isBusy) log.debug(fields, 'a browser waited too long for history')
    else log.warn(fields, 'history not readable for a browser')
    const reason = isBusy ? error.message : 'history cannot be read now; try again later'
    client.close({ cause: isBusy ? 'history-busy' : 'history-away', code: CLOSE.tryAgainLater, reason, now: clock.steady() })
  }
}
