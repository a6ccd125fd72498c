import type uWS from 'uWebSockets.js'
import type { Logger } from 'pino'
import type { Cidr } from '../addresses/cidr.ts'
import { formatListenAddress, type HostPort, type ListenAddress } from '../addresses/host-port.ts'
import type { DashboardDoor } from '../admin/ports.ts'
import type { Clock } from '../lifecycle/clock.ts'
import type { PartHealth } from '../lifecycle/health.ts'
import { repeat } from '../lifecycle/time.ts'
import type { WebSocketMetrics } from '../telemetry/websocket-metrics.ts'
import { Admission } from './clients/admission.ts'
import { Clients } from './clients/clients.ts'
import { drainClients } from './clients/drain.ts'
import { Entrance } from './clients/entrance.ts'
import { Feed, NOTICE_TOPIC, TERANODE_TOPIC } from './feed/feed.ts'
import type { FeedGap, FeedHistory, FeedItem } from './feed/feed-item.ts'
import { FilterClasses } from './feed/filter-classes.ts'
import { type HelloFacts, pingFrame } from './feed/frames.ts'
import { RecentItems } from './feed/recent-items.ts'
import { addDoorRoutes } from './http/door-routes.ts'
import { addHttpRoutes, type PageFile } from './http/http-routes.ts'
import type { TlsFiles } from './http/listening.ts'
import { Origins } from './http/origins.ts'
import { Port } from './http/port.ts'
import { Refusals } from './http/refusals.ts'
import type { WebSocketLimits } from './limits.ts'
import { Replays } from './sessions/replays.ts'
import { Sessions } from './sessions/sessions.ts'
import { addEventsRoutes } from './streams/events-routes.ts'
import { addStreamRoutes } from './streams/stream-routes.ts'
import { StreamTopics } from './streams/stream-topics.ts'
import { openTokenGate, type TokenGate, type TokenGateOptions } from './tokens/token-gate.ts'
import { addWebSocketRoutes } from './websocket-routes.ts'

const CHECK_EACH_MS = 1_000
const OLDEST_EACH_MS = 30_000
const CERTIFICATE_EACH_MS = 60_000
const TOKEN_KEYS_EACH_MS = 5_000
const PORT_CLOSED =
  'the port of p2p_httpListenAddress is opened anew with another certificate; while another program holds it, stop that program'

export interface WebSocketServerOptions {
  /** `p2p_httpListenAddress`. */
  readonly listenAddress: ListenAddress
  /** Null for plain HTTP (`securityLevelHTTP` 0). */
  readonly tls: TlsFiles | null
  /** `p2p_httpAddress`: where clients reach it. Pages from there may connect. */
  readonly publicAddress: HostPort
  /** Origins of other pages that may connect: see origins.ts. */
  readonly allowedOrigins: readonly string[]
  /** Proxies whose forwarding headers are believed. */
  readonly trustedProxies: readonly Cidr[]
  /** The kinds that a client may ask for, and those that it gets by default. */
  readonly types: readonly string[]
  readonly defaultTypes: readonly string[]
  readonly pages: ReadonlyMap<string, PageFile>
  /** Compress live events for clients that offer permessage-deflate: each client costs its own compression. */
  readonly compression?: boolean
  /** Which token a client needs; left out for none. */
  readonly auth?: TokenGateOptions
  /** Identifies the process's own client: see own-client.ts. */
  readonly ownToken?: string
  readonly limits: WebSocketLimits
}

export interface WebSocketServerDeps {
  readonly log: Logger
  readonly metrics: WebSocketMetrics
  readonly health: PartHealth
  readonly history: FeedHistory
  readonly clock: Pick<Clock, 'wall' | 'steady'>
  /** Answers what the dashboard asks under `/v1`. */
  readonly door?: DashboardDoor
  readonly node: {
    hello(): HelloFacts
    /** The first text for a client without a subprotocol; null for none. */
    teranodeGreeting?(): string | null
    /** Teranode's PING object with current values; null for nodes that send none. */
    teranodePing(): string | null
  }
}

/** The browser side: HTTP, WebSocket and the dashboard's files on one port. */
export interface WebSocketServer {
  /** Resolves once it listens; rejects with a ListenError that names the setting. */
  start(): Promise<void>
  /** Publishes the items of one batch of the event log; `next` is the offset after it. Await it for back-pressure. */
  publish(items: readonly FeedItem[], next: bigint): Promise<void>
  /** An event that was in the event log before the first publish. */
  startAfter(cursor: string): void
  /** The event log has a gap, or was recreated. */
  gap(gap: FeedGap): Promise<void>
  port(): number
  clientCount(): number
  /** Events that are kept for clients that were away briefly. */
  recentCount(): number
  /** Takes over the certificate that the files hold now, if it is another one: clients are closed with 1012. Never rejects. */
  renewCertificate(): Promise<void>
  /** Closes all clients with 1012; returns within the drain time and a second. */
  stop(): Promise<void>
}

export function createWebSocketServer(options: WebSocketServerOptions, deps: WebSocketServerDeps): WebSocketServer {
  return new Server(options, deps)
}

class Server implements WebSocketServer {
  readonly #options: WebSocketServerOptions
  readonly #deps: WebSocketServerDeps
  readonly #feed: Feed
  readonly #classes: FilterClasses
  readonly #clients: Clients
  readonly #admission: Admission
  readonly #sessions: Sessions
  readonly #recent: RecentItems
  readonly #refusals: Refusals
  readonly #replays: Replays
  readonly #topics = new StreamTopics()
  /** Null if clients need no token, and before the start. */
  #tokens: TokenGate | null = null
  readonly #port: Port
  readonly #stopping = new AbortController()
  #isStopped = false

  constructor(options: WebSocketServerOptions, deps: WebSocketServerDeps) {
    const { limits, types, defaultTypes } = options
    const { log, metrics, history, node, clock } = deps
    this.#options = options
    this.#deps = deps
    this.#recent = new RecentItems({ maxItems: limits.recentItems, maxBytes: limits.recentBytes })
    this.#admission = new Admission(limits, { now: () => clock.steady() })
    this.#clients = new Clients(limits, { log, metrics, clock, admission: this.#admission, cursor: () => this.#feed.cursor })
    const publish = (topic: string, text: string) => this.#publish(topic, text)
    this.#classes = new FilterClasses({ maxClasses: limits.filterClasses }, { publish })
    this.#feed = new Feed({
      recent: this.#recent,
      metrics,
      publish,
      isFollowed: (topic) => (this.#port.app?.numSubscribers(topic) ?? 0) > 0 || this.#topics.isFollowed(topic),
      classes: this.#classes,
      onTurn: (bytes) => this.#clients.published(bytes),
    })
    this.#refusals = new Refusals({ log, clock })
    this.#port = new Port(options, {
      log,
      expiry: metrics.certificateExpiry,
      addRoutes: (app) => this.#addRoutes(app),
      drain: () => this.#drain(),
    })
    this.#replays = new Replays(limits, { history, feed: this.#feed, recent: this.#recent, clock })
    this.#sessions = new Sessions(
      { ...limits, types, defaultTypes },
      {
        log,
        metrics,
        history,
        feed: this.#feed,
        classes: this.#classes,
        replays: this.#replays,
        clock,
        hello: node.hello,
        teranodeGreeting: () => node.teranodeGreeting?.() ?? null,
      },
    )
  }

  async start(): Promise<void> {
    const { listenAddress, tls, auth } = this.#options
    const { health, log } = this.#deps
    try {
      if (auth) this.#tokens = await openTokenGate(auth, this.#deps)
      await this.#port.open()
    } catch (error) {
      this.#port.close()
      health.notReady(error instanceof Error ? error.message : String(error))
      throw error
    }
    if (this.#isStopped) return this.#port.close()
    this.#startTimers()
    const address = formatListenAddress(listenAddress)
    this.#reportReady()
    log.debug({ address, port: this.port(), tls: tls !== null }, 'websocket server listening')
  }

  #addRoutes(app: uWS.TemplatedApp): void {
    const { pages, limits, types, defaultTypes, allowedOrigins, publicAddress, listenAddress, trustedProxies, ownToken } = this.#options
    const { log, metrics, clock, door, history } = this.#deps
    const [clients, sessions, replays, topics, refusals] = [this.#clients, this.#sessions, this.#replays, this.#topics, this.#refusals]
    const { offsetOf } = history
    const origins = new Origins({ allowed: allowedOrigins, publicAddress, listenAddress })
    const entrance = new Entrance({ trustedProxies }, { admission: this.#admission, origins, refusals, metrics, tokens: this.#tokens })
    addHttpRoutes(app, pages)
    if (door) addDoorRoutes(app, { door, addressOf: (response, asked) => entrance.addressOf(response, asked) })
    const asking = { types, defaultTypes, maxLast: limits.maxLast }
    addEventsRoutes(app, asking, { entrance, refusals, replays, offsetOf, now: () => clock.steady() })
    addStreamRoutes(app, asking, { log, entrance, clients, sessions, topics, offsetOf, clock })
    addWebSocketRoutes(
      app,
      { ...limits, ownToken, compression: this.#options.compression ?? false },
      {
        ...{ log, entrance, clients, origins, refusals, metrics, clock },
        onOpen: (client) => sessions.opened(client),
        onMessage: (client, text, isBinary) => sessions.heard(client, text, isBinary),
      },
    )
  }

  publish(items: readonly FeedItem[], next: bigint): Promise<void> {
    return this.#feed.publish(items, next)
  }

  startAfter(cursor: string): void {
    this.#recent.startAfter(cursor)
  }

  gap(gap: FeedGap): Promise<void> {
    this.#deps.metrics.gaps.inc({ reason: 'live' })
    return this.#feed.gap(gap)
  }

  port(): number {
    return this.#port.number
  }

  clientCount(): number {
    return this.#clients.count()
  }

  recentCount(): number {
    return this.#recent.count
  }

  renewCertificate(): Promise<void> {
    return this.#port.renew()
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#deps.health.notReady('stopping')
    this.#port.refuseNew()
    this.#stopping.abort()
    this.#feed.stop()
    this.#classes.flush()
    this.#refusals.stop()
    await this.#drain()
    this.#port.close()
  }

  #drain(): Promise<void> {
    const { clock } = this.#deps
    return drainClients(this.#clients.all(), { windowMs: this.#options.limits.drainMs }, { cursor: () => this.#feed.cursor, clock })
  }

  #startTimers(): void {
    this.#sessions.refreshOldest()
    this.#each(this.#options.limits.pingEachMs, () => this.#ping())
    this.#each(CHECK_EACH_MS, () => this.#check())
    this.#each(OLDEST_EACH_MS, () => this.#sessions.refreshOldest())
    this.#each(CERTIFICATE_EACH_MS, () => this.#port.look())
    this.#each(TOKEN_KEYS_EACH_MS, () => this.#tokens?.look())
  }

  #each(everyMs: number, round: () => Promise<void> | void): void {
    const onError = (error: unknown) => this.#deps.log.error({ err: error }, 'background task of the websocket server failed, it continues')
    void repeat({ everyMs, signal: this.#stopping.signal, onError }, round)
  }

  #ping(): void {
    this.#classes.flush()
    this.#publish(NOTICE_TOPIC, pingFrame(this.#feed.cursor, this.#deps.clock.wall()))
    this.#sessions.pingReplaying()
    const ping = this.#deps.node.teranodePing()
    if (ping !== null) this.#publish(TERANODE_TOPIC, ping)
  }

  #publish(topic: string, text: string): void {
    this.#port.app?.publish(topic, text, false, this.#options.compression ?? false)
    this.#topics.publish(topic, text)
  }

  #reportReady(): void {
    const { health } = this.#deps
    if (this.#port.number === 0) {
      health.notReady(PORT_CLOSED)
      return
    }
    const notes = [this.#refusals.proxyNote(), this.#port.note(), this.#tokens?.note() ?? null].filter((note) => note !== null)
    health.ready([`listening on ${formatListenAddress(this.#options.listenAddress)}`, ...notes].join('; '))
  }

  #check(): void {
    this.#reportReady()
    this.#clients.closeSlow()
    const { clock } = this.#deps
    this.#clients.closeUnsubscribed(clock.steady())
    this.#clients.closeExpired({ wall: clock.wall(), steady: clock.steady() })
  }
}
