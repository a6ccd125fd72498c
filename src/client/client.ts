import { type ClientWebSocket, type ClientWebSocketConstructor, webSocketOf } from './client-web-socket.ts'
import type { BridgeEvent, Cursor, EventFilter, EventType, Gap, Hello, ServerMessage } from './messages.ts'
import { RememberedIds } from './remembered-ids.ts'
import { type ClientToken, TokenSource } from './token-source.ts'

export type { ClientWebSocketConstructor } from './client-web-socket.ts'
export type { BridgeEvent, Cursor, EventFilter, EventType, Gap, Hello } from './messages.ts'
export type { ClientToken } from './token-source.ts'

export interface GossipBridgeClientOptions {
  /** Like `wss://bridge.example.org/ws`; several for instances without a load balancer: each connection is to the next one. */
  readonly url: string | readonly string[]
  /** All but `instance` if left out. */
  readonly types?: readonly EventType[]
  readonly filter?: EventFilter
  /** Where to begin, at most one of the first two: after an event, at a time (ms since the epoch, or ISO 8601), with the last so many. Else with the next event. */
  readonly cursor?: Cursor
  readonly since?: number | string
  readonly last?: number
  /** The server may hold events back for so long, to send several at once. */
  readonly batchMs?: number
  /** For a server that wants one. A function is asked before each connection. */
  readonly token?: ClientToken
  /** For platforms without one, such as Node.js 20. */
  readonly WebSocket?: ClientWebSocketConstructor
  /** First and longest pause between two connections. Each is up to a half shorter or longer, so that clients do not return all at once. */
  readonly firstWaitMs?: number
  readonly longestWaitMs?: number
  /** Silence after which a connection counts as dead. The server sends something every 10 s. */
  readonly silentMs?: number
}

/** `waiting`: for the next connection. `failed`: the server refuses what this client says, or who it is; it will not try again. */
export type ClientState = 'connecting' | 'catching-up' | 'live' | 'waiting' | 'failed' | 'closed'

export interface GossipBridgeClientHandlers {
  /** Each event once, in the order of the event log. */
  onEvent(event: BridgeEvent): void
  /** Events are missing between the last one and the next one. */
  onGap?(gap: Gap): void
  onHello?(hello: Hello): void
  /** `reason` says why it waits or has failed. */
  onState?(state: ClientState, reason: string): void
}

const SUBPROTOCOL = 'gossip-bridge.v1+json'
const REMEMBERED_IDS = 10_000
/** Close codes after which another try would end the same way. */
const HOPELESS: ReadonlySet<number> = new Set([1009, 4400])
/** The token has expired: another try needs another one. */
const UNAUTHORIZED = 4401
/** What a WebSocket says that was never open. */
const NEVER_OPENED = 1006

/**
 * A subscription that outlives its connections: it connects again after any failure, goes on where it was, on any instance of the bridge, and says when
 * events are missing.
 */
export class GossipBridgeClient {
  readonly #options: GossipBridgeClientOptions
  readonly #handlers: GossipBridgeClientHandlers
  readonly #WebSocket: ClientWebSocketConstructor
  readonly #tokens: TokenSource
  readonly #ids = new RememberedIds({ max: REMEMBERED_IDS })
  readonly #firstWaitMs: number
  readonly #longestWaitMs: number
  #waitMs: number
  #socket: ClientWebSocket | null = null
  #cursor: Cursor | null
  /** The event log was empty when the client came: whatever it holds later is new. */
  #wasEmpty = false
  #connections = 0
  #retry: ReturnType<typeof setTimeout> | undefined
  #silence: ReturnType<typeof setTimeout> | undefined
  #state: ClientState = 'closed'
  #lastError = ''

  constructor(options: GossipBridgeClientOptions, handlers: GossipBridgeClientHandlers) {
    this.#options = options
    this.#handlers = handlers
    this.#WebSocket = webSocketOf(options.WebSocket)
    this.#tokens = new TokenSource(options.token)
    this.#firstWaitMs = options.firstWaitMs ?? 500
    this.#longestWaitMs = options.longestWaitMs ?? 15_000
    this.#waitMs = this.#firstWaitMs
    this.#cursor = options.cursor ?? null
  }

  /** Where a later client can go on; null before the first event. */
  get cursor(): Cursor | null {
    return this.#cursor
  }

  get state(): ClientState {
    return this.#state
  }

  /** Connects. Does nothing if it has already. */
  open(): this {
    if (this.#socket === null && this.#retry === undefined && !this.#tokens.isAsked) this.#connect()
    return this
  }

  /** Ends the connection and all tries. `open` goes on after the last event. */
  close(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#tokens.forget()
    this.#drop()
    this.#become('closed', '')
  }

  #connect(): void {
    this.#become('connecting', '')
    this.#tokens.ask(
      (token) => this.#open(token),
      (error) => this.#lost(NEVER_OPENED, `there is no token: ${error instanceof Error ? error.message : String(error)}`),
    )
  }

  #open(token: string | undefined): void {
    const { url } = this.#options
    const urls = typeof url === 'string' ? [url] : url
    const next = urls[this.#connections++ % urls.length] ?? ''
    const socket = new this.#WebSocket(next, token === undefined ? [SUBPROTOCOL] : [SUBPROTOCOL, `bearer.${token}`])
    this.#socket = socket
    this.#lastError = ''
    this.#listen()
    socket.onmessage = ({ data }) => {
      this.#listen()
      const said = JSON.parse(String(data)) as ServerMessage | readonly ServerMessage[]
      for (const message of Array.isArray(said) ? said : [said]) if (socket === this.#socket) this.#heard(message)
    }
    socket.onclose = ({ code, reason }) => this.#lost(code, reason)
    socket.onerror = () => {} // onclose follows
  }

  #heard(message: ServerMessage): void {
    if (message.type === 'hello') this.#greeted(message)
    if (message.type === 'error') this.#lastError = message.message
    if (message.type === 'gap') this.#handlers.onGap?.(message)
    if (message.type === 'event') {
      this.#cursor = message.cursor
      if (this.#ids.add(message.id)) this.#handlers.onEvent(message)
    }
    if (message.type === 'ping' || message.type === 'caught-up') this.#cursor = message.cursor ?? this.#cursor
    if (message.type === 'caught-up') {
      this.#waitMs = this.#firstWaitMs
      this.#wasEmpty = message.cursor === null
      this.#become('live', '')
    }
  }

  #greeted(hello: Hello): void {
    const { types, filter, since, last, batchMs } = this.#options
    // Without a place to begin, what comes from now on: also what comes between this moment and the next connection.
    if (since === undefined && last === undefined && !this.#wasEmpty) this.#cursor ??= hello.newest ?? null
    const place = this.#cursor !== null ? { cursor: this.#cursor } : this.#wasEmpty ? { since: 0 } : { since, last }
    this.#become('catching-up', '')
    this.#handlers.onHello?.(hello)
    this.#socket?.send(JSON.stringify({ type: 'subscribe', types, filter, batch_ms: batchMs, ...place }))
  }

  #lost(code: number, reason: string): void {
    this.#drop()
    if (HOPELESS.has(code) || (code === UNAUTHORIZED && !this.#tokens.isRenewed)) {
      this.#become('failed', this.#lastError || reason || `closed with ${code}`)
      return
    }
    const { cursor, retryAfterMs } = stopReason(reason)
    if (cursor !== undefined) this.#cursor = cursor
    const waitMs = retryAfterMs ?? this.#waitMs * (0.5 + Math.random())
    this.#waitMs = Math.min(2 * this.#waitMs, this.#longestWaitMs)
    this.#retry = setTimeout(
      () => {
        this.#retry = undefined
        this.#connect()
      },
      Math.min(waitMs, this.#longestWaitMs),
    )
    this.#become('waiting', this.#lastError || reason || `the connection broke (${code})`)
  }

  #listen(): void {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#lost(NEVER_OPENED, 'the server is silent'), this.#options.silentMs ?? 25_000)
  }

  #drop(): void {
    clearTimeout(this.#silence)
    const socket = this.#socket
    this.#socket = null
    if (socket === null) return
    socket.onmessage = null
    socket.onclose = null
    socket.close()
  }

  #become(state: ClientState, reason: string): void {
    if (this.#state === state && reason === '') return
    this.#state = state
    this.#handlers.onState?.(state, reason)
  }
}

/** A server that stops says where to go on, and when to come again. */
function stopReason(reason: string): { readonly cursor?: Cursor; readonly retryAfterMs?: number } {
  try {
    const { cursor, retryAfterMs } = JSON.parse(reason) as Record<string, unknown>
    return {
      ...(typeof cursor === 'string' ? { cursor } : {}),
      ...(typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? { retryAfterMs } : {}),
    }
  } catch {
    return {}
  }
}
