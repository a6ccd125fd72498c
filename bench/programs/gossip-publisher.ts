import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { multiaddr } from '@multiformats/multiaddr'
import { outboundStreams } from '../../src/gossip/router/streams.ts'
import { announcedHash } from '../../src/messages/announcement.ts'
import { encodePlain } from '../../src/messages/dialects/plain.ts'
import { block, subtree } from '../support/announcements.ts'
import { startBareNode } from '../support/bare-node.ts'
import { sharedNow } from '../support/measure/clock.ts'
import { parent } from '../support/parent.ts'

export interface PublisherOptions {
  /** It begins once all of them are in its mesh. */
  readonly peers: readonly string[]
  readonly topic: string
  readonly type: 'block' | 'subtree'
  readonly count: number
  /** Messages per second at an even pace; 0 means as fast as the peer accepts them. */
  readonly ratePerSecond: number
}

/** The published messages and their times. */
export interface Published {
  readonly peerId: string
  readonly hashes: readonly string[]
  readonly times: readonly number[]
}

/** libp2p has no back-pressure: beyond its own limit it aborts the stream, so a program has to check. */
const MAX_UNSENT_BYTES = 1 << 20
const LOOK_EACH = 16

// Bare js-libp2p that publishes from memory.
const { options, tell, on } = await parent<PublisherOptions>()
const { topic, count, ratePerSecond } = options
const { node, identity } = await startBareNode([topic])
const { pubsub } = node.services
const announcements = Array.from({ length: count }, (_, index) => (options.type === 'block' ? block(index + 1) : subtree()))
const messages = announcements.map((announcement) => encodePlain(announcement, identity) ?? new Uint8Array())

for (const peer of options.peers) await node.dial(multiaddr(peer))
while (pubsub.getMeshPeers(topic).length < options.peers.length) await pause(10)
on('go', () => void publishAll())
tell('connected')

async function publishAll(): Promise<void> {
  const times: number[] = []
  const startedAt = sharedNow()
  for (const [index, message] of messages.entries()) {
    if (ratePerSecond > 0) await until(startedAt + (index * 1000) / ratePerSecond)
    else if (index % LOOK_EACH === 0) await untilThereIsRoom()
    times.push(sharedNow())
    await pubsub.publish(topic, message)
  }
  const published: Published = { peerId: identity.peerId, hashes: announcements.map(announcedHash), times }
  tell('published', published)
}

async function until(time: number): Promise<void> {
  for (let left = time - sharedNow(); left > 0; left = time - sharedNow()) await pause(Math.max(1, left))
}

async function untilThereIsRoom(): Promise<void> {
  await nextTurn()
  while (outboundStreams(node.getConnections()).some((stream) => stream.writeBufferLength > MAX_UNSENT_BYTES)) await pause(2)
}
