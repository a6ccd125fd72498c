import type uWS from 'uWebSockets.js'
import { TokenBucket } from '../../lifecycle/token-bucket.ts'
import type { RemoteAddress } from '../http/remote-address.ts'

export type Protocol = 'v1' | 'teranode'

/** Why a client's connection ended: a label of the metric. */
export type CloseCause = 'left' | 'idle' | 'slow' | 'bad-message' | 'no-subscribe' | 'history-away' | 'stopping'

/** Unsent bytes beyond which a replay waits for the client to read. */
const REPLAY_PAUSE_BYTES = 64 * 1024

/**
 * One browser or program. uWebSockets.js throws at every use of a closed socket, so the reference is dropped at close and all later
 * calls are no-ops.
 */
export class Client {
  readonly address: RemoteAddress
  readonly protocol: Protocol
  readonly openedAt: number
  /** The process's own client: it is not counted and takes no other client's place. */
  readonly isOwn: boolean
  /** Counts subscriptions: a replay with an older number has been replaced. */
  replay = 0
  isLive = false
  closeCause: CloseCause = 'left'
  #socket: uWS.WebSocket<unknown> | null = null
  #topics: readonly string[] = []
  #inbound: TokenBucket | null = null
  #onDrain: (() => void)[] = []

  constructor(options: { address: RemoteAddress; protocol: Protocol; openedAt: number; isOwn?: boolean }) {
    this.address = options.address
    this.protocol = options.protocol
    this.openedAt = options.openedAt
    this.isOwn = options.isOwn ?? false
  }

  get isOpen(): boolean {
    return this.#socket !== null
  }

  attach(socket: uWS.WebSocket<unknown>): void {
    this.#socket = socket
  }

  detach(): void {
    this.#socket = null
    this.wake()
  }

  send(frames: readonly string[]): void {
    const socket = this.#socket
    if (!socket || frames.length === 0) return
    socket.cork(() => {
      for (const frame of frames) if (this.#socket) socket.send(frame)
    })
  }

  bufferedBytes(): number {
    return this.#socket?.getBufferedAmount() ?? 0
  }

  /** Resolves when a replay may send its next piece, or the client is gone. */
  async readOn(): Promise<void> {
    while (this.bufferedBytes() > REPLAY_PAUSE_BYTES) await new Promise<void>((resolve) => this.#onDrain.push(resolve))
  }

  wake(): void {
    for (const resume of this.#onDrain.splice(0)) resume()
  }

  follow(topics: readonly string[]): void {
    this.#topics = topics
    for (const topic of topics) this.#socket?.subscribe(topic)
    this.isLive = true
  }

  unfollow(): void {
    for (const topic of this.#topics) this.#socket?.unsubscribe(topic)
    this.#topics = []
    this.isLive = false
  }

  mayTalk(perSecond: number, now: number): boolean {
    const rate = { perSecond, burst: 2 * perSecond }
    this.#inbound ??= new TokenBucket(rate.burst, now)
    return this.#inbound.tryTake(now, rate)
  }

  /** Closes gracefully: unsent bytes go first, then the close frame. A reason has at most 123 bytes. */
  close(cause: CloseCause, code: number, reason: string): void {
    if (!this.#socket) return
    this.closeCause = cause
    this.#socket.end(code, reason)
  }

  /** Ends the connection without a close frame, for a client whose buffer is full. */
  kill(cause: CloseCause): void {
    if (!this.#socket) return
    this.closeCause = cause
    this.#socket.close()
  }
}
