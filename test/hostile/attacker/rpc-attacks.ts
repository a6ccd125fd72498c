import { randomBytes } from 'node:crypto'
import { type Attack, type AttackContext, repeatedly } from './attack.ts'
import { subtree } from './payloads.ts'
import type { RawPeer } from './raw-peer.ts'

/** Attacks by what stands around messages: signatures, subscriptions, control messages. */

async function rejoin(context: AttackContext, peer: RawPeer): Promise<void> {
  if (!peer.isConnected) await peer.join(context.target, Object.values(context.topics))
}

export const wrongSignature: Attack = async (context) => {
  const peer = await context.createPeer()
  await repeatedly(context, 50, async () => {
    await rejoin(context, peer)
    await peer.send({ subscriptions: [], messages: [peer.forged(context.topics.subtree, subtree(peer.peerId))] })
    context.count('sent')
  })
}

const BADLY_SIGNED = 500

/** Each time under another identity, since the last one was kept out. */
export const badlySignedRpcs: Attack = async (context) => {
  let peer: RawPeer | undefined
  await repeatedly(context, 20, async () => {
    if (!peer?.isConnected) {
      await peer?.stop()
      peer = await context.createPeer()
      await peer.join(context.target, Object.values(context.topics))
    }
    const attacker = peer
    const messages = Array.from({ length: BADLY_SIGNED }, () => attacker.forged(context.topics.subtree, subtree(attacker.peerId)))
    await attacker.send({ subscriptions: [], messages })
    context.count('sent', BADLY_SIGNED)
  })
}

/** Thousands of topics that nobody has, and ours on and off. */
export const subscriptionFlood: Attack = async (context) => {
  const peer = await context.createPeer()
  const { subtree: topic } = context.topics
  await repeatedly(context, 50, async () => {
    await rejoin(context, peer)
    const unknown = Array.from({ length: 900 }, () => ({ topic: randomBytes(20).toString('hex'), subscribe: true }))
    const switching = Array.from({ length: 50 }, (_, index) => ({ topic, subscribe: index % 2 === 1 }))
    await peer.send({ subscriptions: [...unknown, ...switching], messages: [] })
    await peer.send({ subscriptions: Array.from({ length: 6000 }, () => ({ topic, subscribe: true })), messages: [] })
    context.count('sent', 2)
  })
}

const control = { ihave: [], iwant: [], graft: [], prune: [], idontwant: [] }

function ids(count: number): Uint8Array[] {
  return Array.from({ length: count }, () => randomBytes(46))
}

export const ihaveFlood: Attack = async (context) => {
  const peer = await context.createPeer()
  await repeatedly(context, 50, async () => {
    await rejoin(context, peer)
    await peer.send({
      subscriptions: [],
      messages: [],
      control: { ...control, ihave: [{ topicID: context.topics.subtree, messageIDs: ids(5000) }] },
    })
    context.count('sent')
  })
}

export const iwantFlood: Attack = async (context) => {
  const peer = await context.createPeer()
  const wanted = ids(5000)
  await repeatedly(context, 50, async () => {
    await rejoin(context, peer)
    await peer.send({ subscriptions: [], messages: [], control: { ...control, iwant: [{ messageIDs: wanted }] } })
    context.count('sent')
  })
}

/** Into the mesh and out of it, and RPCs that are none. */
export const graftFlood: Attack = async (context) => {
  const peer = await context.createPeer()
  await repeatedly(context, 300, async () => {
    await rejoin(context, peer)
    const { subtree: topicID } = context.topics
    await peer.send({
      subscriptions: [],
      messages: [],
      control: { ...control, prune: [{ topicID, peers: [], backoff: 2 ** 40 }], graft: [{ topicID }] },
    })
    await peer.sendBytes(randomBytes(200))
    context.count('sent', 2)
  })
}
