import type { Peer, PeerId } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { createPeerStoreSweep } from '../../../../src/gossip/upkeep/peer-store-sweep.ts'

const running = new AbortController().signal

function start(maxUnconnected: number) {
  const stored = new Set<string>()
  const connected = new Set<string>()
  const sweep = createPeerStoreSweep(
    { maxUnconnected },
    {
      peerStore: {
        all: async () => [...stored].map((name) => ({ id: { toString: () => name } }) as unknown as Peer),
        delete: async (id: PeerId) => void stored.delete(id.toString()),
      },
      ownPeerId: 'own',
      isKept: (peerId) => connected.has(peerId),
    },
  )
  return { stored, connected, sweep: () => sweep(running) }
}

test('an unconnected peer survives one sweep, not two; connected peers and our own id stay', async () => {
  const { stored, connected, sweep } = start(100)
  for (const name of ['own', 'here', 'gone']) stored.add(name)
  connected.add('here')
  await sweep()
  expect([...stored]).toEqual(['own', 'here', 'gone'])
  await sweep()
  expect([...stored]).toEqual(['own', 'here'])
})

test('keeps no more strangers than the bound', async () => {
  const { stored, sweep } = start(10)
  for (let i = 0; i < 1000; i++) stored.add(`stranger ${i}`)
  await sweep()
  expect(stored.size).toBe(10)
})
