import type { RPC } from '@chainsafe/libp2p-gossipsub/message'
import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { catchUpNewPeers } from '../../../../src/gossip/router/catch-up.ts'
import type { Router } from '../../../../src/gossip/router/router.ts'
import { eventually } from '../../../support/eventually.ts'

const connection = {} as Connection
const peer = (name: string) => ({ toString: () => name }) as PeerId
const id = (n: number) => new Uint8Array([n])

/** A router with the topics `t` and `u`, and one message on `t`. Streams open when `open` says so. */
function start({ open = async () => {} }: { open?: (peerId: string) => Promise<void> } = {}) {
  const mesh = new Map([['t', new Set<string>()], ['u', new Set<string>()]]) // biome-ignore format: one line reads better
  const topics = new Map<string, Set<string>>()
  const sent: [string, RPC][] = []
  const grafts: [string, string[]][] = []
  const events = new EventTarget()
  const bare = {
    addEventListener: events.addEventListener.bind(events),
    peers: new Map(),
    mesh,
    topics,
    streamsOutbound: new Map<string, { rawStream: Stream }>(),
    gossip: new Map(),
    mcache: { getGossipIDs: () => new Map([['t', [id(1)]]]) },
    sendRpc: (peerId: string, rpc: RPC) => sent.push([peerId, rpc]) > 0,
    sendGraft: (peerId: string, all: string[]) => void grafts.push([peerId, all]),
    addToMesh: (peerId: string, topic: string) => void mesh.get(topic)?.add(peerId),
    graftOnSubscribe(peerId: string, topic: string) {
      router.addToMesh(peerId, topic, 'subscribed')
      return true
    },
    async createOutboundStream(to: PeerId) {
      await open(to.toString())
      bare.streamsOutbound.set(to.toString(), { rawStream: {} as Stream })
    },
  }
  const router = bare as unknown as Router
  catchUpNewPeers(router)
  const offers = () =>
    sent.flatMap(([peerId, { control }]) => (control?.ihave ?? []).map(({ topicID, messageIDs }) => [peerId, topicID, messageIDs]))
  const heartbeat = async () => {
    events.dispatchEvent(new Event('gossipsub:heartbeat'))
    await Promise.resolve()
  }
  return { router, mesh, topics, grafts, offers, heartbeat }
}

test('a subscribed peer is grafted when our stream to it opens, and offered the latest messages once', async () => {
  const { router, mesh, topics, grafts, offers } = start()
  topics.set('t', new Set(['p']))
  await router.openStream(peer('p'), connection)
  expect([...(mesh.get('t') ?? [])]).toEqual(['p'])
  expect(grafts).toEqual([['p', ['t']]])
  expect(offers()).toEqual([['p', 't', [id(1)]]])
})

test('a peer that grafted us before our stream was open is told of the mesh, and offered the latest messages', async () => {
  const { router, mesh, topics, grafts, offers } = start()
  topics.set('t', new Set(['p']))
  mesh.get('t')?.add('p')
  await router.openStream(peer('p'), connection)
  expect(grafts).toEqual([['p', ['t']]])
  expect(offers()).toEqual([['p', 't', [id(1)]]])
})

test('a peer that enters the mesh later is offered the latest messages', async () => {
  const { router, offers } = start()
  router.addToMesh('p', 't', 'heartbeat')
  router.addToMesh('p', 'u', 'heartbeat')
  await Promise.resolve()
  expect(offers()).toEqual([['p', 't', [id(1)]]])
})

test('the offer is repeated at three heartbeats, for a peer that could not take all at once', async () => {
  const { router, offers, heartbeat } = start()
  router.addToMesh('p', 't', 'heartbeat')
  await Promise.resolve()
  const counts = [offers().length]
  for (let i = 0; i < 4; i++) {
    await heartbeat()
    counts.push(offers().length)
  }
  expect(counts).toEqual([1, 2, 3, 4, 4])
})

test('a peer without subscriptions is neither grafted nor offered anything', async () => {
  const { router, grafts, offers } = start()
  await router.openStream(peer('p'), connection)
  expect([grafts, offers()]).toEqual([[], []])
})

test('streams to different peers open side by side, streams to one peer one after the other', async () => {
  const opening: string[] = []
  const gates = new Map<string, () => void>()
  const open = (peerId: string) => {
    opening.push(peerId)
    return new Promise<void>((resolve) => gates.set(peerId, resolve))
  }
  const { router } = start({ open })
  await router.createOutboundStream(peer('silent'), connection)
  await router.createOutboundStream(peer('silent'), connection)
  await router.createOutboundStream(peer('other'), connection)
  expect(opening).toEqual(['silent', 'other'])
  const opened = router.openStream(peer('silent'), connection)
  gates.get('silent')?.()
  await eventually(() => expect(opening).toEqual(['silent', 'other', 'silent']))
  gates.get('silent')?.()
  await eventually(() => expect(opening.length).toBe(4))
  gates.get('silent')?.()
  await opened
})
