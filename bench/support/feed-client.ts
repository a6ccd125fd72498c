import { connect, type Socket } from 'node:net'

export interface FeedClientOptions {
  readonly port: number
  readonly localAddress: string
  /** What a client of the bridge's subprotocol says after `hello`; null is a client that sends nothing. */
  readonly subscription: object | null
}

export interface FeedClientDeps {
  /** The client is open, or has caught up with its subscription. */
  readonly onReady: () => void
  /** The payload of an event's frame is in the buffer between `start` and `end`, valid only during the call. */
  readonly onEvent: (buffer: Buffer, start: number, end: number) => void
  readonly onEnd: () => void
}

const HEAD_END = '\r\n\r\n'
/** At this position `{"type":"event"` differs from `hello`, `ping`, `gap` and `caught-up`. */
const KIND_OFFSET = 9
const EVENT = 'e'.charCodeAt(0)
const CAUGHT_UP = 'c'.charCodeAt(0)
const HELLO = 'h'.charCodeAt(0)
const PING_FRAME = 0x89
/** Masked, as all frames of clients. The server closes clients that are silent for a minute. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0])
const NOTHING = Buffer.alloc(0)

/** One buffer for all clients: each has finished with it before the next one's read begins. */
const readBuffer = Buffer.allocUnsafeSlow(256 * 1024)

/**
 * The leanest client that still counts every event: no frame objects, no payload copies. A thousand clients of a library would need more
 * of the machine than the measured server.
 */
export function connectFeedClient(options: FeedClientOptions, deps: FeedClientDeps): Socket {
  let rest: Buffer = NOTHING
  let isOpen = false
  const socket = connect({
    port: options.port,
    host: '127.0.0.1',
    localAddress: options.localAddress,
    noDelay: true,
    onread: {
      buffer: readBuffer,
      callback: (length, buffer) => {
        take(Buffer.from(buffer.buffer, buffer.byteOffset, length))
        return true
      },
    },
  })

  function take(chunk: Buffer): void {
    const data = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    const used = isOpen ? takeFrames(data) : takeHead(data)
    rest = used === data.length ? NOTHING : Buffer.from(data.subarray(used))
  }

  function takeHead(data: Buffer): number {
    const end = data.indexOf(HEAD_END)
    if (end < 0) return 0
    if (!data.toString('latin1', 0, end).startsWith('HTTP/1.1 101')) throw new Error(`upgrade refused: ${data.toString('latin1', 0, end)}`)
    isOpen = true
    if (options.subscription === null) deps.onReady()
    const head = end + HEAD_END.length
    return head + takeFrames(data.subarray(head))
  }

  /** The number of bytes in complete frames. */
  function takeFrames(data: Buffer): number {
    let at = 0
    while (data.length - at >= 2) {
      let length = data.readUInt8(at + 1)
      let start = at + 2
      if (length === 126) {
        if (data.length - at < 4) break
        length = data.readUInt16BE(start)
        start += 2
      } else if (length === 127) throw new Error('a frame of more than 64 KiB came, and none is that long here')
      if (data.length < start + length) break
      takeMessage(data, at, start, start + length)
      at = start + length
    }
    return at
  }

  function takeMessage(data: Buffer, frame: number, start: number, end: number): void {
    if (data[frame] === PING_FRAME) {
      socket.write(PONG)
      return
    }
    const kind = data[start + KIND_OFFSET]
    if (kind === EVENT) deps.onEvent(data, start, end)
    else if (kind === CAUGHT_UP) deps.onReady()
    else if (kind === HELLO) subscribe(socket, options.subscription ?? {})
  }

  socket.write(
    `GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${options.subscription === null ? '' : 'Sec-WebSocket-Protocol: gossip-bridge.v1+json\r\n'}\r\n`,
  )
  socket.on('error', () => {}) // `close` follows
  socket.on('close', deps.onEnd)
  return socket
}

/** The server's limits treat each source address as a separate host. */
const HOSTS = 20

/** The loopback address that a client connects from. */
export function addressOf(client: number): string {
  return `127.0.0.${2 + (client % HOSTS)}`
}

/** A later subscription takes the place of the one before. */
export function subscribe(socket: Socket, subscription: object): void {
  socket.write(textFrame(JSON.stringify({ type: 'subscribe', ...subscription })))
}

/** A masked text frame; the mask is all zero, so the text is unchanged. */
function textFrame(text: string): Buffer {
  if (text.length > 125) throw new Error(`a message of ${text.length} bytes, and a short frame holds 125`)
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)])
}
