import { multiaddr } from '@multiformats/multiaddr'
import { DIRECT_PROTOCOL } from '../../src/gossip/messages/direct-streams.ts'
import { readStream } from '../../src/gossip/node/read-stream.ts'
import type { Identity } from '../../src/identity/ports.ts'
import { plainTopicPrefix } from '../../src/messages/dialects/gossip-topics.ts'
import { encodeHandshake } from '../../src/messages/dialects/handshake.ts'
import { startBareNode } from '../support/bare-node.ts'
import { sharedNow } from '../support/measure/clock.ts'
import { parent } from '../support/parent.ts'

export interface PeersOptions {
  readonly count: number
  readonly topics: readonly string[]
  /** If given, a peer sends its `version` to a bridge that subscribes to this topic, and takes direct streams. */
  readonly handshakeTopic?: string
  readonly bridge: string
  /** The dials are spread over this time. */
  readonly withinMs: number
}

/** What the peers heard of the bridge since the first dial. */
export interface Handshaken {
  /** Until the last peer had both a `version` and a `verack`. */
  readonly settledAfterMs: number
  /** Objects on direct streams, and messages on the topic. */
  readonly objects: number
  readonly published: number
}

const MAX_OBJECT_BYTES = 64 * 1024
const NETWORK = 'regtest'
/** The whole bench shares two cores, so the handshakes of many dials take their time. */
const DIAL_TIMEOUT_MS = 30_000
const DIAL_ATTEMPTS = 5

// Many bare js-libp2p nodes in one process, each with its own identity, connected to the bridge alone.
const { options, tell, on } = await parent<PeersOptions>()
const { count, topics, handshakeTopic, withinMs } = options
const bridge = multiaddr(options.bridge)
let [objects, published, startedAt] = [0, 0, 0]

const peers = await Promise.all(Array.from({ length: count }, () => startPeer()))
on('connect', () => void connectAll())
on('count', () => tell('counted', { objects, published }))
tell('started')

/** A peer, and when it has heard all that it waits for. */
async function startPeer() {
  const { node, identity } = await startBareNode(topics)
  const { pubsub } = node.services
  const heard = new Set<string>()
  const settled = Promise.withResolvers<void>()
  const note = (what: string) => {
    heard.add(what)
    const wanted = handshakeTopic === undefined ? ['subscribed'] : ['version', 'verack']
    if (wanted.every((one) => heard.has(one))) settled.resolve()
  }
  if (handshakeTopic !== undefined) {
    await node.handle(DIRECT_PROTOCOL, async (stream) => {
      const data = await readStream(stream, { maxBytes: MAX_OBJECT_BYTES })
      objects += 1
      note(String(JSON.parse(data?.toString() ?? '{}').type))
      await stream.close()
    })
  }
  pubsub.addEventListener('gossipsub:message', () => {
    published += 1
  })
  pubsub.addEventListener('subscription-change', ({ detail }) => {
    note('subscribed')
    if (detail.subscriptions.some(({ topic }) => topic === handshakeTopic)) void sendVersion(node, identity)
  })
  return { node, settled: settled.promise }
}

async function sendVersion(node: Awaited<ReturnType<typeof startBareNode>>['node'], { peerId }: Identity): Promise<void> {
  const [connection] = node.getConnections()
  const stream = await connection?.newStream(DIRECT_PROTOCOL)
  const own = { peerId, bestHeight: 0, bestHash: null, dataHubUrl: '', userAgent: 'bench', services: 0n }
  stream?.send(encodeHandshake({ type: 'version', ...own, topicPrefix: plainTopicPrefix(NETWORK) }))
  await stream?.close()
}

async function connectAll(): Promise<void> {
  startedAt = sharedNow()
  await Promise.all(
    peers.map(async ({ node, settled }, index) => {
      const waitMs = startedAt + (index * withinMs) / count - sharedNow()
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, waitMs)))
      await dial(node)
      await settled
    }),
  )
  const handshaken: Handshaken = { settledAfterMs: sharedNow() - startedAt, objects, published }
  tell('connected', handshaken)
}

/** On a busy machine dials bunch up, and the bridge refuses more than 50 a second from one address. */
async function dial(node: Awaited<ReturnType<typeof startBareNode>>['node'], attemptsLeft = DIAL_ATTEMPTS): Promise<void> {
  try {
    await node.dial(bridge, { signal: AbortSignal.timeout(DIAL_TIMEOUT_MS) })
  } catch (error) {
    if (attemptsLeft <= 1) throw error
    await new Promise((resolve) => setTimeout(resolve, 1000))
    await dial(node, attemptsLeft - 1)
  }
}
