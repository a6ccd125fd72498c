import type { Connection } from '@libp2p/interface'
import { TokenBucket } from '../../lifecycle/pace/token-bucket.ts'
import { MAX_FRAME_BYTES } from '../node/transport/largest-frame.ts'

const HEADER_BYTES = 12
/** What a peer has made us send and does not read: answers to pings, resets. Messages wait in their streams, with a bound of their own. */
const MAX_UNREAD_BYTES = 2 << 20
/** Work on frames, in units of some microseconds: one for each frame, and these. */
const BYTES_PER_UNIT = 1024
/** An honest relay needs some two for each message: its frame, and the one by which it says that it has read ours. */
const UNITS_PER_MESSAGE = 5

export type FrameRefusal = 'oversize-frame' | 'unread-answers' | 'slowed-down'

export interface FrameBoundsOptions {
  /** `gossip_inbound_rate`: messages a second in total; 0 lets peers send without a bound. Asked each time: a reload may change it. */
  readonly messagesPerSecond: number
}

export interface FrameBoundsDeps {
  readonly onRefused: (reason: FrameRefusal) => void
  readonly now: () => number
}

/** The parts of a connection, of @chainsafe/libp2p-yamux 8.0.3 and of what is below it, that their published types leave out. */
interface WithMuxer {
  readonly muxer?: Muxer
}
interface Muxer {
  readonly decoder: { readonly buffer: { readonly byteLength: number } }
  readonly maConn: Below
  onData(data: { readonly byteLength: number }): void
  handleFrame(frame: object): void
}
interface Below {
  readonly readStatus: string
  maxWriteBufferLength?: number
  pause(): void
  resume(): void
  addEventListener(type: 'close', listener: (event: { readonly error?: Error }) => void): void
}

/**
 * Bounds what a peer may cost by the frames of its connection, whatever is in them. Unpatched, yamux waits for a frame of any size, up to
 * 4 GiB, with all of it in memory; keeps answers for a peer that reads none; and works on empty frames as fast as they come.
 */
export function boundFrames(connection: Connection, options: FrameBoundsOptions, { onRefused, now }: FrameBoundsDeps): void {
  const { muxer } = connection as Connection & WithMuxer
  if (muxer === undefined) return
  const { decoder, maConn } = muxer
  maConn.maxWriteBufferLength = MAX_UNREAD_BYTES
  let pausing: NodeJS.Timeout | undefined
  maConn.addEventListener('close', ({ error }) => {
    clearTimeout(pausing)
    if (error?.name === 'StreamBufferError') onRefused('unread-answers')
  })
  const budget = new FrameBudget(options, now)
  const onData = muxer.onData.bind(muxer)
  const handleFrame = muxer.handleFrame.bind(muxer)
  muxer.handleFrame = (frame) => {
    budget.take(1)
    handleFrame(frame)
  }
  muxer.onData = (data) => {
    budget.take(data.byteLength / BYTES_PER_UNIT)
    onData(data)
    if (decoder.buffer.byteLength > HEADER_BYTES + MAX_FRAME_BYTES) {
      onRefused('oversize-frame')
      throw new Error(`a frame of more than ${MAX_FRAME_BYTES} bytes`) // libp2p then aborts the connection
    }
    const waitMs = budget.waitMs()
    if (waitMs === 0) return
    onRefused('slowed-down')
    // Not at once: while a connection resumes it hands over what it has, and would then read on although it is paused again.
    queueMicrotask(() => {
      if (maConn.readStatus === 'readable') maConn.pause()
    })
    clearTimeout(pausing)
    pausing = setTimeout(() => {
      if (maConn.readStatus === 'paused') maConn.resume()
    }, waitMs)
  }
}

class FrameBudget {
  readonly #options: FrameBoundsOptions
  readonly #now: () => number
  readonly #bucket: TokenBucket

  constructor(options: FrameBoundsOptions, now: () => number) {
    this.#options = options
    this.#now = now
    this.#bucket = new TokenBucket(2 * this.#unitsPerSecond, now())
  }

  take(units: number): void {
    if (this.#unitsPerSecond > 0) this.#bucket.take(units)
  }

  /** How long the peer has to wait, in milliseconds. */
  waitMs(): number {
    const perSecond = this.#unitsPerSecond
    if (perSecond === 0) return 0
    const level = this.#bucket.level(this.#now(), perSecond, 2 * perSecond)
    return level >= 0 ? 0 : (-level * 1000) / perSecond
  }

  get #unitsPerSecond(): number {
    return this.#options.messagesPerSecond * UNITS_PER_MESSAGE
  }
}
