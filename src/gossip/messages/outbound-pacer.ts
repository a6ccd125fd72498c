import { TokenBucket } from '../../lifecycle/pace/token-bucket.ts'
import { GossipStoppedError, OutboundFullError } from '../errors.ts'
import { FairQueue } from './fair-queue.ts'

/**
 * Blocks, subtrees and mining-on are `high`; rejected transactions are `low` and go only when nothing `high` waits. Topics of the same
 * priority have their turns one after the other, so that a block waits for at most one message of each other kind.
 */
export type Priority = 'high' | 'low'

export interface OutboundPacerOptions {
  /** `gossip_outbound_rate`: messages a second in total; 0 turns pacing off. Asked each time: a reload may change it. */
  readonly ratePerSecond: number
  readonly burst?: number
  readonly lowRatePerSecond?: number
  readonly lowBurst?: number
  /** Of each topic. */
  readonly maxQueuedMessages?: number
  /** Of each topic. */
  readonly maxQueuedBytes?: number
  /** How often to check again while every peer's write buffer is full. */
  readonly cloggedRetryMs?: number
}

export interface OutboundPacerDeps {
  readonly now: () => number
  /** Calls back once after the delay; returns the function that cancels it. */
  readonly schedule: (delayMs: number, callback: () => void) => () => void
  /** True while every peer's write buffer is full: publishing would only fill memory. */
  readonly isClogged: () => boolean
}

const defaults = {
  burst: 30,
  lowRatePerSecond: 10,
  lowBurst: 100,
  maxQueuedMessages: 1000,
  maxQueuedBytes: 16 << 20,
  cloggedRetryMs: 20,
}

/** A message that is to be published. */
export interface Outbound {
  readonly priority: Priority
  readonly topic: string
  readonly bytes: number
  /** Aborted, it gives up its turn. */
  readonly signal?: AbortSignal
}

interface Waiting {
  readonly bytes: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Limits the rate at which we publish. A Go node's validation queue holds 32 messages and drops the rest of a burst, and mesh
 * neighbours never resend it. So the backlog after an outage of Kafka must not go out at once.
 */
export class OutboundPacer {
  readonly #options: Required<Omit<OutboundPacerOptions, 'ratePerSecond'>>
  readonly #pace: Pick<OutboundPacerOptions, 'ratePerSecond'>
  readonly #deps: OutboundPacerDeps
  readonly #all: TokenBucket
  readonly #low: TokenBucket
  readonly #waiting: Record<Priority, FairQueue<Waiting>> = { high: new FairQueue(), low: new FairQueue() }
  #isStopped = false
  #cancelTimer: (() => void) | undefined

  constructor(options: OutboundPacerOptions, deps: OutboundPacerDeps) {
    this.#options = { ...defaults, ...options }
    this.#pace = options
    this.#deps = deps
    this.#all = new TokenBucket(this.#options.burst, deps.now())
    this.#low = new TokenBucket(this.#options.lowBurst, deps.now())
  }

  /** Resolves when the message may go out; first come, first served within a topic. Rejects with the signal's reason when that aborts. */
  turn(outbound: Outbound): Promise<void> {
    const { priority, topic, signal } = outbound
    if (this.#isStopped) return Promise.reject(new GossipStoppedError('the gossip host is stopping, nothing is published any more'))
    if (signal?.aborted) return Promise.reject(signal.reason)
    const { high, low } = this.#waiting
    if (high.size + low.size === 0 && this.#delayFor(priority) === 0) {
      this.#take(priority)
      return Promise.resolve()
    }
    const queued = this.#waiting[priority].ofLane(topic)
    if (queued.items >= this.#options.maxQueuedMessages || queued.bytes + outbound.bytes > this.#options.maxQueuedBytes) {
      const waiting = `${queued.items} messages (${queued.bytes} bytes) of ${topic} already wait to be published`
      return Promise.reject(new OutboundFullError(`${waiting}: try again later`))
    }
    return this.#enqueue(outbound)
  }

  #enqueue({ priority, topic, bytes, signal }: Outbound): Promise<void> {
    const queue = this.#waiting[priority]
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        queue.remove(topic, waiting)
        reject(signal?.reason)
      }
      const done = () => signal?.removeEventListener('abort', giveUp)
      const waiting: Waiting = {
        bytes,
        resolve() {
          done()
          resolve()
        },
        reject(error) {
          done()
          reject(error)
        },
      }
      signal?.addEventListener('abort', giveUp, { once: true })
      queue.push(topic, waiting)
      this.#drain()
    })
  }

  queued(): { messages: number; bytes: number } {
    const { high, low } = this.#waiting
    return { messages: high.size + low.size, bytes: high.bytes + low.bytes }
  }

  /** Rejects all waiting and all later calls. */
  stop(): void {
    this.#isStopped = true
    this.#cancelTimer?.()
    const stopped = new GossipStoppedError('the gossip host stopped before this message had its turn')
    for (const queue of [this.#waiting.high, this.#waiting.low])
      for (let next = queue.shift(); next; next = queue.shift()) next.reject(stopped)
  }

  /** Milliseconds until a message of this priority may go, 0 when it may go now. */
  #delayFor(priority: Priority): number {
    const { burst, lowRatePerSecond: lowRate, lowBurst, cloggedRetryMs } = this.#options
    const rate = this.#pace.ratePerSecond
    if (this.#deps.isClogged()) return cloggedRetryMs
    if (rate <= 0) return 0
    const at = this.#deps.now()
    const missing = 1 - this.#all.level(at, rate, burst)
    const missingLow = priority === 'low' ? 1 - this.#low.level(at, lowRate, lowBurst) : 0
    return Math.max(0, (missing * 1000) / rate, (missingLow * 1000) / lowRate)
  }

  #take(priority: Priority): void {
    if (this.#pace.ratePerSecond <= 0) return
    this.#all.take()
    if (priority === 'low') this.#low.take()
  }

  /** Resolves as many turns as the rate allows, then schedules itself for the next one. `high` goes first. */
  #drain(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    for (const priority of ['high', 'low'] as const) {
      const queue = this.#waiting[priority]
      while (queue.size > 0) {
        const delayMs = this.#delayFor(priority)
        if (delayMs > 0) {
          this.#cancelTimer = this.#deps.schedule(Math.ceil(delayMs), () => this.#drain())
          return
        }
        this.#take(priority)
        queue.shift()?.resolve()
      }
    }
  }
}
