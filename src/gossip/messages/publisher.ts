import type { GossipMetrics } from '../../telemetry/gossip-metrics.ts'
import { GossipStoppedError, MessageTooLargeError } from '../errors.ts'
import type { GossipNode } from '../node/node.ts'
import { isReached, outboundStreams } from '../router/streams.ts'
import { OutboundPacer, type Priority } from './outbound-pacer.ts'

/** While every peer has more unsent bytes than this, publishing pauses: libp2p has no back-pressure and would buffer without bound. */
const cloggedBytes = 1 << 20

/** How long a check of the streams is valid: checking each message would slow publishing down. */
const clogLookMs = 5

/** How one message is published. */
export interface PublishOptions {
  readonly priority: Priority
  /** Counts only these recipients, so that a caller can tell whether any peer but its own siblings was reached. */
  readonly countIf?: (peerId: string) => boolean
  /** Aborted while the message waits for its turn, it is not published, and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

export interface PublisherOptions {
  readonly topics: readonly string[]
  /** `gossip_outbound_rate`. Asked each time: a reload may change it. */
  readonly outboundRate: number
  readonly maxQueuedMessages: number | undefined
  readonly maxMessageBytes: number
}

export interface PublisherDeps {
  readonly node: GossipNode
  readonly metrics: GossipMetrics
  readonly now: () => number
  readonly mayBeHeard: () => boolean
}

/** Checks, paces and publishes. Every message that the bridge publishes goes through here. */
export function createPublisher(options: PublisherOptions, { node, metrics, now, mayBeHeard }: PublisherDeps) {
  const { maxQueuedMessages, maxMessageBytes } = options
  const allowed = new Set(options.topics)
  let isStopped = false
  let lastLookAt = Number.NEGATIVE_INFINITY
  let wasClogged = false

  function isClogged(): boolean {
    const at = now()
    if (at - lastLookAt >= clogLookMs) {
      lastLookAt = at
      const streams = outboundStreams(node.getConnections())
      wasClogged = streams.length > 0 && streams.every((stream) => stream.writeBufferLength > cloggedBytes)
    }
    return wasClogged
  }

  const pacer = new OutboundPacer(
    {
      ...(maxQueuedMessages !== undefined && { maxQueuedMessages }),
      get ratePerSecond() {
        return options.outboundRate
      },
    },
    {
      now,
      isClogged,
      schedule(delayMs, callback) {
        const timer = setTimeout(callback, delayMs)
        return () => clearTimeout(timer)
      },
    },
  )

  return {
    async publish(topic: string, data: Uint8Array, { priority, countIf, signal }: PublishOptions): Promise<number> {
      if (!allowed.has(topic)) throw new Error(`${topic} is not among the topics of this host, so nothing can be published on it`)
      if (node.status !== 'started') throw new GossipStoppedError('the gossip host is not running, so nothing can be published')
      if (data.byteLength > maxMessageBytes) {
        metrics.published.inc({ topic, outcome: 'too-large' })
        throw new MessageTooLargeError(topic, data.byteLength, maxMessageBytes)
      }
      const askedAt = now()
      try {
        await pacer.turn({ priority, topic, bytes: data.byteLength, ...(signal && { signal }) })
      } catch (error) {
        metrics.published.inc({ topic, outcome: signal?.aborted ? 'superseded' : 'refused' })
        throw error
      }
      const waitedMs = now() - askedAt
      if (waitedMs > 0) metrics.outboundWaitSeconds.observe({ priority }, waitedMs / 1000)
      if (isStopped) throw new GossipStoppedError('the gossip host stopped before this message was published')
      if (!mayBeHeard()) throw new GossipStoppedError('another host may use this identity by now, so nothing is published')
      const router = node.services.pubsub
      const { recipients } = await router.publish(topic, data)
      // The router also counts peers that no longer read from our stream.
      const reached = recipients.map(String).filter((peerId) => isReached(router, peerId))
      metrics.published.inc({ topic, outcome: reached.length > 0 ? 'sent' : 'nobody' })
      return countIf === undefined ? reached.length : reached.filter(countIf).length
    },
    queued: () => pacer.queued(),
    stop() {
      isStopped = true
      pacer.stop()
    },
  }
}

export type Publisher = ReturnType<typeof createPublisher>
