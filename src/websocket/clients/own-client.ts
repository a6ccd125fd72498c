import type { Logger } from 'pino'
import { WebSocket } from 'ws'
import { SUBPROTOCOL } from '../feed/frames.ts'

/** The upgrade header by which the server recognizes its own process's client. Each process creates a new value. */
export const OWN_CLIENT_HEADER = 'x-gossip-bridge-own-client'

export interface OwnClientOptions {
  /** URL of the process's own server, such as `ws://127.0.0.1:9906/ws`. Called at each connection: the port is known after the start. */
  readonly url: () => string
  readonly token: string
  /** The kinds of events to subscribe to. */
  readonly types: readonly string[]
  readonly retryMs?: number
  /** The server pings every 10 s, so a connection that is silent for this long is dead. */
  readonly silentMs?: number
}

export interface OwnClientDeps {
  readonly log: Logger
  /** Called with the id of each event that this client received. */
  readonly onEvent: (id: string) => void
}

/** A connection of the process to its own server, which receives the same events as browsers. Reconnects until it is stopped. */
export interface OwnClient {
  start(): void
  stop(): Promise<void>
}

const HANDSHAKE_MS = 5000
const MAX_MESSAGE_BYTES = 64 * 1024

export function createOwnClient(options: OwnClientOptions, deps: OwnClientDeps): OwnClient {
  return new Connection(options, deps)
}

class Connection implements OwnClient {
  readonly #options: Required<OwnClientOptions>
  readonly #deps: OwnClientDeps
  #socket: WebSocket | undefined
  #silence: NodeJS.Timeout | undefined
  #retry: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(options: OwnClientOptions, deps: OwnClientDeps) {
    this.#options = { retryMs: 2000, silentMs: 30_000, ...options }
    this.#deps = deps
  }

  start(): void {
    if (this.#isStopped) return
    const { url, token, types, silentMs, retryMs } = this.#options
    const socket = new WebSocket(url(), SUBPROTOCOL, {
      headers: { [OWN_CLIENT_HEADER]: token },
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: MAX_MESSAGE_BYTES,
      rejectUnauthorized: false, // the certificate names the public host, and here the process only connects to itself
    })
    this.#socket = socket
    this.#silence = setTimeout(() => socket.terminate(), silentMs + HANDSHAKE_MS)
    socket.on('open', () => socket.send(JSON.stringify({ type: 'subscribe', types })))
    socket.on('message', (data) => {
      this.#silence?.refresh()
      this.#heard(String(data))
    })
    socket.on('error', (error) => this.#deps.log.debug({ err: error }, 'the connection to the own WebSocket failed'))
    socket.on('close', () => {
      clearTimeout(this.#silence)
      this.#socket = undefined
      if (!this.#isStopped) this.#retry = setTimeout(() => this.start(), retryMs)
    })
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#retry)
    const socket = this.#socket
    if (!socket) return
    const closed = new Promise<void>((resolve) => {
      socket.once('close', () => resolve())
    })
    socket.terminate()
    await closed
  }

  #heard(text: string): void {
    const { type, id } = JSON.parse(text) as { type: string; id?: string }
    if (type === 'event' && id !== undefined) this.#deps.onEvent(id)
  }
}
