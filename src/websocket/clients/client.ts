import { TokenBucket } from '../../lifecycle/pace/token-bucket.ts'
import type { FeedItem } from '../feed/feed-item.ts'
import type { RemoteAddress } from '../http/client-address.ts'
import type { ClientSocket } from './client-socket.ts'

/** `v1`: the subprotocol; `sse`: its messages as server-sent events; `teranode`: no subprotocol. */
export type Protocol = 'v1' | 'sse' | 'teranode'

/** Why a client's connection ended: a label of the metric. */
export type CloseCause =
  | 'left'
  | 'idle'
  | 'slow'
  | 'memory'
  | 'bad-message'
  | 'no-subscribe'
  | 'history-away'
  | 'history-busy'
  | 'token-expired'
  | 'stopping'

/** Unsent bytes beyond which a replay waits for the client to read. */
const REPLAY_PAUSE_BYTES = 64 * 1024

const NO_TOPICS: readonly string[] = []

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
  /** When its token expires, in milliseconds since the epoch; null for never. */
  readonly expiresAt: number | null
  isLive = false
  closeCause: CloseCause = 'left'
  /** Since when the client gets no more events, and is closed when its unsent bytes are sent; by the steady clock. */
  endingSince: number | null = null
  #ending: { readonly code: number; readonly reason: string } | null = null
  /** Whether it has ever subscribed. */
  hasSubscribed = false
  /** Of the latest subscription, while its replay runs: a controller takes more memory than everything else of a client. */
  #replay: AbortController | null = null
  #socket: ClientSocket | null = null
  #topics: readonly string[] = NO_TOPICS
  /** Gives back the place in a class of filters. */
  #leaveClass: (() => void) | null = null
  #inbound: TokenBucket | null = null
  /** Replays that wait for the client to read; null while none does. */
  #onDrain: (() => void)[] | null = null

  constructor(options: { address: RemoteAddress; protocol: Protocol; openedAt: number; isOwn?: boolean; expiresAt?: number | null }) {
    this.address = options.address
    this.protocol = options.protocol
    this.openedAt = options.openedAt
    this.isOwn = options.isOwn ?? false
    this.expiresAt = options.expiresAt ?? null
  }

  get isOpen(): boolean {
    return this.#socket !== null
  }

  /** A new subscription ends the one before, and its replay. */
  beginSubscription(): void {
    this.#endReplay('the client has subscribed again')
    this.unfollow()
    this.hasSubscribed = true
  }

  /** Aborts when the client subscribes again, leaves or is closed. */
  beginReplay(): AbortSignal {
    this.#replay = new AbortController()
    return this.#replay.signal
  }

  /** The replay with this signal is over: nobody listens to it any more. */
  replayed(signal: AbortSignal): void {
    if (this.#replay?.signal === signal) this.#replay = null
  }

  attach(socket: ClientSocket): void {
    this.#socket = socket
  }

  detach(): void {
    this.#socket = null
    this.unfollow()
    this.#endReplay('the client has left')
  }

  send(frame: string): void {
    if (this.#socket && !this.#ending) this.#socket.send(frame)
  }

  sendItems(items: readonly FeedItem[]): void {
    const socket = this.#socket
    if (!socket || this.#ending) return
    socket.cork(() => {
      for (const item of items) if (this.#socket) socket.sendItem(item)
    })
  }

  bufferedBytes(): number {
    return this.#socket?.getBufferedAmount() ?? 0
  }

  /** Resolves when a replay may send its next piece, or has ended. */
  async readOn(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.bufferedBytes() > REPLAY_PAUSE_BYTES) {
      await new Promise<void>((resolve) => {
        this.#onDrain ??= []
        this.#onDrain.push(resolve)
      })
    }
  }

  /** Unsent bytes have been sent. */
  drained(): void {
    if (this.#ending && this.bufferedBytes() === 0) this.#end(this.#ending)
    else this.#wake()
  }

  /** `leave` is called when the client follows these topics no longer, before it is unsubscribed. */
  follow(topics: readonly string[], leave: (() => void) | null = null): void {
    this.#topics = topics
    this.#leaveClass = leave
    for (const topic of topics) this.#socket?.subscribe(topic)
    this.isLive = true
  }

  unfollow(): void {
    const leave = this.#leaveClass
    this.#leaveClass = null
    leave?.()
    for (const topic of this.#topics) this.#socket?.unsubscribe(topic)
    this.#topics = NO_TOPICS
    this.isLive = false
  }

  mayTalk(perSecond: number, now: number): boolean {
    const rate = { perSecond, burst: 2 * perSecond }
    this.#inbound ??= new TokenBucket(rate.burst, now)
    return this.#inbound.tryTake(now, rate)
  }

  /**
   * Closes gracefully: no more events, then, when all unsent bytes are sent, the close frame. uWebSockets.js would count a client as
   * closed at once and keep its unsent bytes, so it is told only when there are none. A reason has at most 123 bytes.
   */
  close(options: { cause: CloseCause; code: number; reason: string; now: number }): void {
    if (!this.#socket || this.#ending) return
    const { cause, code, reason, now } = options
    this.closeCause = cause
    this.#endReplay('the client is being closed')
    this.unfollow()
    if (this.bufferedBytes() === 0) {
      this.#end({ code, reason })
      return
    }
    this.#ending = { code, reason }
    this.endingSince = now
  }

  /** Ends the connection without a close frame, and frees its unsent bytes. */
  kill(cause?: CloseCause): void {
    if (!this.#socket) return
    if (cause) this.closeCause = cause
    this.#socket.close()
  }

  #end({ code, reason }: { code: number; reason: string }): void {
    this.#socket?.end(code, reason)
  }

  /** Ends the subscription: no more events until the next one. */
  unsubscribe(): void {
    this.#endReplay('the client has unsubscribed')
    this.unfollow()
  }

  #endReplay(reason: string): void {
    this.#replay?.abort(new Error(reason))
    this.#replay = null
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#onDrain
    this.#onDrain = null
    for (const resume of waiting ?? []) resume()
  }
}
