import { WebSocket } from 'ws'

/** Events that a WebSocket client has seen. */
export interface ClientView {
  /** First arrival of each event, by its id. */
  readonly arrivals: ReadonlyMap<string, number>
  readonly connections: number
  /** Events that arrived twice on one connection; this must never happen. */
  readonly repeatsLive: number
  /** Events that arrived again after a resume, which clients are told to expect. */
  readonly repeatsResumed: number
  /** Events whose cursor was not beyond the previous one. */
  readonly outOfOrder: number
  /** Gaps that the server itself reported. */
  readonly gaps: readonly string[]
}

export interface LiveClient {
  view(): ClientView
  /** Resolves when it first receives new events. */
  readonly ready: Promise<void>
  /** Resumes on its first instance, when it is on another one. */
  goHome(): Promise<void>
  close(): void
}

const SUBPROTOCOL = 'gossip-bridge.v1+json'
const TYPES = ['block', 'subtree', 'mining-on', 'rejected-tx']
const RECONNECT_MS = 300
const HANDSHAKE_MS = 3000
/** The server pings every 10 s: one that is silent for longer has disappeared. */
const SILENCE_MS = 12_000

/** A client like a well-written dashboard: it resumes by its cursor on the next instance when a connection is lost or silent. */
export function connectLiveClient(urls: readonly string[]): LiveClient {
  const arrivals = new Map<string, number>()
  const gaps: string[] = []
  const counts = { connections: 0, repeatsLive: 0, repeatsResumed: 0, outOfOrder: 0 }
  let cursor: string | undefined
  let attempts = 0
  let isClosed = false
  let socket: WebSocket | undefined
  let timer: NodeJS.Timeout | undefined
  let isReady = () => {}
  const ready = new Promise<void>((resolve) => {
    isReady = resolve
  })

  function take(id: string, ofConnection: Set<string>): void {
    if (ofConnection.has(id)) counts.repeatsLive++
    else if (arrivals.has(id)) counts.repeatsResumed++
    ofConnection.add(id)
    if (!arrivals.has(id)) arrivals.set(id, Date.now())
  }

  function connect(): void {
    const current = new WebSocket(urls[attempts++ % urls.length] ?? '', [SUBPROTOCOL], { handshakeTimeout: HANDSHAKE_MS })
    const ofConnection = new Set<string>()
    let lastOffset = -1n
    let silence = setTimeout(() => current.terminate(), SILENCE_MS)
    socket = current
    current.on('open', () => void counts.connections++)
    current.on('error', () => {}) // `close` follows
    current.on('message', (data) => {
      clearTimeout(silence)
      silence = setTimeout(() => current.terminate(), SILENCE_MS)
      const message = JSON.parse(`${data}`) as { type: string; id?: string; cursor?: string | null }
      if (message.type === 'hello') current.send(JSON.stringify({ type: 'subscribe', types: TYPES, ...(cursor ? { cursor } : {}) }))
      if (message.type === 'caught-up' || message.type === 'ping') isReady()
      if (message.type === 'gap') {
        gaps.push(`${data}`)
        lastOffset = -1n // the event log may have been created again
      }
      if (message.type === 'event' && message.id && message.cursor) {
        take(message.id, ofConnection)
        const offset = BigInt(message.cursor.split('.')[1] ?? -1)
        if (offset <= lastOffset) counts.outOfOrder++
        lastOffset = offset
      }
      // `hello` has the newest cursor of the event log, which is not our position.
      if (message.type === 'event' || message.type === 'ping') cursor = message.cursor ?? cursor
    })
    current.on('close', () => {
      clearTimeout(silence)
      if (!isClosed) timer = setTimeout(connect, RECONNECT_MS)
    })
  }

  connect()
  return {
    view: () => ({ arrivals, gaps: [...gaps], ...counts }),
    ready,
    async goHome() {
      if ((attempts - 1) % urls.length === 0) return
      attempts = 0
      const resumed = new Promise<void>((resolve) => {
        isReady = resolve
      })
      socket?.terminate()
      await resumed
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      socket?.terminate()
    },
  }
}
