import { type Attack, type AttackContext, repeatedly } from './attack.ts'
import { block, junk, randomHash, rejectedTx, subtree, version } from './payloads.ts'
import type { RawPeer } from './raw-peer.ts'

/** Attacks by messages with good signatures: only their content, size or number is wrong. */

async function joined(context: AttackContext): Promise<RawPeer> {
  const peer = await context.createPeer()
  await peer.join(context.target, Object.values(context.topics))
  return peer
}

/** Publishes at a rate; joins again when it was disconnected. */
async function publishing(
  context: AttackContext,
  perSecond: number,
  make: (peer: RawPeer, turn: number) => [topic: string, data: Uint8Array],
): Promise<void> {
  const peer = await joined(context)
  let turn = 0
  await repeatedly(context, perSecond, async () => {
    if (!peer.isConnected) await peer.join(context.target, Object.values(context.topics))
    const [topic, data] = make(peer, turn++)
    await peer.publish(topic, data)
    context.count('sent')
  })
}

const SOMEBODY = '12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK'

export const spoofedPeerId: Attack = (context) => publishing(context, 100, () => [context.topics.subtree, subtree(SOMEBODY)])

/** At each limit and just above it: of the kind, of what is passed on, of a message, of an RPC. */
const SIZES = [16 << 10, (16 << 10) + 1, 60 << 10, (60 << 10) + 1, 960 << 10, (960 << 10) + 1, (1 << 20) - 200, 1 << 20, (1 << 20) + 200]

export const sizes: Attack = (context) =>
  publishing(context, 10, (peer, turn) => [context.topics.rejectedTx, rejectedTx(peer.peerId, SIZES[turn % SIZES.length] ?? 0)])

export const junkContent: Attack = (context) => publishing(context, 300, (_, turn) => [context.topics.block, junk(turn)])

export const validFlood: Attack = (context) => publishing(context, 1000, (peer) => [context.topics.subtree, subtree(peer.peerId)])

export const sameHash: Attack = (context) => {
  const hash = randomHash()
  return publishing(context, 1000, (peer) => [context.topics.subtree, subtree(peer.peerId, hash)])
}

export const handshakeFlood: Attack = (context) => publishing(context, 500, (peer) => [context.topics.handshake, version(peer.peerId)])

/** Blocks without a header, at the greatest height there is. */
export const greatHeights: Attack = (context) =>
  publishing(context, 100, (peer) => [context.topics.block, block(peer.peerId, { Height: 4_294_967_295 })])
