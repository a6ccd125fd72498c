import { WebSocket } from 'ws'

export interface BrowserClientOptions {
  /** Addresses that serve the same node. After a lost connection the client tries the next one. */
  readonly urls: readonly string[]
}

export interface BrowserClientDeps {
  readonly onEvent: (eventId: string) => void
  /** Called for a gap that the bridge announced. */
  readonly onGap: (text: string) => void
  /** Called when the same event comes twice on one connection. After a resume it may come again. */
  readonly onRepeat: (eventId: string) => void
}

/** A client that stays connected until it is closed. */
export interface BrowserClient {
  /** Resolves when it first receives live events. */
  readonly ready: Promise<void>
  reconnects(): number
  close(): void
}

const SUBPROTOCOL = 'gossip-bridge.v1+json'
const TYPES = ['block', 'subtree', 'mining-on', 'rejected-tx']
const RECONNECT_MS = 300

/** Beyond this number the bridge does not remember either what it has sent. */
const MAX_REMEMBERED = 50_000

/** A client like the dashboard: it subscribes, and after a lost connection resumes with its cursor, on any instance. */
export function connectBrowser({ urls }: BrowserClientOptions, { onEvent, onGap, onRepeat }: BrowserClientDeps): BrowserClient {
  let cursor: string | null = null
  let heard = new Set<string>()
  const hearEvent = (id: string) => {
    if (heard.has(id)) onRepeat(id)
    if (heard.size >= MAX_REMEMBERED) heard = new Set()
    heard.add(id)
    onEvent(id)
  }
  return stayConnected({ urls, protocols: [SUBPROTOCOL] }, (message, { send, isReady }) => {
    if (typeof message.cursor === 'string') cursor = message.cursor
    if (message.type === 'hello') {
      heard = new Set()
      send({ type: 'subscribe', types: TYPES, ...(cursor === null ? {} : { cursor }) })
    }
    if (message.type === 'caught-up' || message.type === 'ping') isReady()
    if (message.type === 'event') hearEvent(`${message.id}`)
    if (message.type === 'gap') onGap(JSON.stringify(message))
  })
}

export interface TeranodeObject {
  readonly type: string
  readonly hash?: string
  readonly peer_id?: string
}

/** A client of Teranode's objects, like Teranode's asset service. It misses events while it is not connected. */
export function connectTeranodeClient(
  { urls }: BrowserClientOptions,
  { onObject }: { onObject: (object: TeranodeObject) => void },
): BrowserClient {
  return stayConnected({ urls, protocols: [] }, (message) => {
    if (message.type !== 'PING') onObject(message as unknown as TeranodeObject)
  })
}

interface Conversation {
  readonly send: (message: object) => void
  readonly isReady: () => void
}

function stayConnected(
  { urls, protocols }: BrowserClientOptions & { protocols: string[] },
  hear: (message: Record<string, unknown>, conversation: Conversation) => void,
): BrowserClient {
  let socket: WebSocket | undefined
  let timer: NodeJS.Timeout | undefined
  let attempts = 0
  let connections = 0
  let isClosed = false
  let isReady = () => {}
  const ready = new Promise<void>((resolve) => {
    isReady = resolve
  })

  const connect = () => {
    const current = new WebSocket(urls[attempts++ % urls.length] ?? '', protocols, { handshakeTimeout: 3000 })
    socket = current
    current.on('open', () => {
      connections++
      if (protocols.length === 0) isReady()
    })
    const send = (message: object) => current.send(JSON.stringify(message))
    current.on('message', (data) => hear(JSON.parse(`${data}`), { send, isReady }))
    current.on('error', () => {}) // `close` follows and tries again
    current.on('close', () => {
      if (!isClosed) timer = setTimeout(connect, RECONNECT_MS)
    })
  }
  connect()
  return {
    ready,
    reconnects: () => Math.max(0, connections - 1),
    close: () => {
      isClosed = true
      clearTimeout(timer)
      socket?.terminate()
    },
  }
}
