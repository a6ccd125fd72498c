import { GossipStoppedError, OutboundFullError } from './errors.ts'
import { TokenBucket } from './token-bucket.ts'

/** Blocks, subtrees and mining-on are `high`; rejected transactions are `low` and only go when nothing high waits. */
export type Priority = 'high' | 'low'

export interface OutboundPacerOptions {
  /** `gossip_outbound_rate`: messages a second in all; 0 turns pacing off. */
  readonly ratePerSecond: number
  readonly burst?: number
  readonly lowRatePerSecond?: number
  readonly lowBurst?: number
  readonly maxQueuedMessages?: number
  readonly maxQueuedBytes?: number
  /** How often to look again while every peer's write buffer is full. */
  readonly cloggedRetryMs?: number
}

export interface OutboundPacerDeps {
  readonly now: () => number
  /** Calls back once after the delay; gives the function that calls it off. */
  readonly schedule: (delayMs: number, callback: () => void) => () => void
  /** True while no peer takes more: publishing would only fill memory. */
  readonly isClogged: () => boolean
}

export interface OutboundPacer {
  /** Resolves when a message of this size may go out; first come, first served within a priority. */
  turn(priority: Priority, bytes: number): Promise<void>
  queued(): { messages: number; bytes: number }
  /** Rejects all who wait, and everybody after. */
  stop(): void
}

interface Waiting {
  readonly bytes: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/**
 * Spaces out what we publish. A Go node's validation queue holds 32 messages and drops the rest of a burst for good, and
 * nothing repairs that among mesh neighbours, so a backlog after an outage of Kafka must not go out at once.
 */
export function createOutboundPacer(options: OutboundPacerOptions, deps: OutboundPacerDeps): OutboundPacer {
  const { ratePerSecond: rate, burst = 30, lowRatePerSecond = 10, lowBurst = 100 } = options
  const { maxQueuedMessages = 1000, maxQueuedBytes = 16 << 20, cloggedRetryMs = 20 } = options
  const waiting: Record<Priority, Waiting[]> = { high: [], low: [] }
  const all = new TokenBucket(burst, deps.now())
  const low = new TokenBucket(lowBurst, deps.now())
  let queuedBytes = 0
  let isStopped = false
  let cancelTimer: (() => void) | undefined

  /** Milliseconds until a message of this priority may go, 0 when it may go now. */
  function delayFor(priority: Priority): number {
    if (deps.isClogged()) return cloggedRetryMs
    if (rate <= 0) return 0
    const at = deps.now()
    const missing = 1 - all.level(at, rate, burst)
    const missingLow = priority === 'low' ? 1 - low.level(at, lowRatePerSecond, lowBurst) : 0
    return Math.max(0, (missing * 1000) / rate, (missingLow * 1000) / lowRatePerSecond)
  }

  function take(priority: Priority): void {
    if (rate <= 0) return
    all.take()
    if (priority === 'low') low.take()
  }

  /** Lets go whom it can, then sleeps until the next may go. What is high goes first; low never holds up high. */
  function drain(): void {
    cancelTimer?.()
    cancelTimer = undefined
    for (const priority of ['high', 'low'] as const) {
      const queue = waiting[priority]
      while (queue.length > 0) {
        const delayMs = delayFor(priority)
        if (delayMs > 0) {
          cancelTimer = deps.schedule(Math.ceil(delayMs), drain)
          return
        }
        take(priority)
        const next = queue.shift()
        queuedBytes -= next?.bytes ?? 0
        next?.resolve()
      }
    }
  }

  return {
    turn(priority, bytes) {
      if (isStopped) return Promise.reject(new GossipStoppedError('the gossip host is stopping, nothing is published any more'))
      const messages = waiting.high.length + waiting.low.length
      if (messages === 0 && delayFor(priority) === 0) {
        take(priority)
        return Promise.resolve()
      }
      if (messages >= maxQueuedMessages || queuedBytes + bytes > maxQueuedBytes) {
        return Promise.reject(
          new OutboundFullError(`${messages} messages (${queuedBytes} bytes) already wait to be published: try again later`),
        )
      }
      return new Promise((resolve, reject) => {
        waiting[priority].push({ bytes, resolve, reject })
        queuedBytes += bytes
        drain()
      })
    },

    queued: () => ({ messages: waiting.high.length + waiting.low.length, bytes: queuedBytes }),

    stop() {
      isStopped = true
      cancelTimer?.()
      const stopped = new GossipStoppedError('the gossip host stopped before this message had its turn')
      for (const { reject } of [...waiting.high.splice(0), ...waiting.low.splice(0)]) reject(stopped)
      queuedBytes = 0
    },
  }
}
