import type { PeerId } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { expect, test } from 'vitest'
import { cidOfNamespace } from '../../../../src/gossip/node/dht.ts'
import { boundDht } from '../../../../src/gossip/node/dht-bounds.ts'

const peer = (name: string) => ({ toString: () => name }) as PeerId

function create() {
  let time = 0
  const kept = new Set<string>()
  const handled: unknown[] = []
  const refused: string[] = []
  const dht = {
    rpc: {
      async handleMessage(_: PeerId, request: object) {
        handled.push(request)
      },
    },
    providers: {
      addProvider: async (cid: CID, provider: PeerId) => void kept.add(`${cid} ${provider}`),
      removeProvider: async (cid: CID, provider: PeerId) => void kept.delete(`${cid} ${provider}`),
    },
  }
  const onRefused = (reason: string, peerId: string) => void refused.push(`${reason} ${peerId}`)
  boundDht(dht, { ownPeerId: 'own', now: () => time, onRefused })
  const pass = (ms: number) => {
    time += ms
  }
  return { dht, kept, handled, refused, pass }
}

const cids = await Promise.all(Array.from({ length: 100 }, (_, index) => cidOfNamespace(`topic ${index}`)))

test('a peer can leave 64 records here and renew them, and we as many as we like', async () => {
  const { dht, kept, refused } = create()
  for (const _ of [1, 2]) for (const cid of cids) await dht.providers.addProvider(cid, peer('a'))
  expect(kept.size).toBe(64)
  expect(refused).toHaveLength(2 * 36)
  for (const cid of cids) await dht.providers.addProvider(cid, peer('own'))
  expect(kept.size).toBe(164)
})

test('beyond 5,000 records the oldest one goes', async () => {
  const { dht, kept } = create()
  const few = cids.slice(0, 60)
  for (let index = 0; index < 90; index++) for (const cid of few) await dht.providers.addProvider(cid, peer(`peer ${index}`))
  expect(kept.size).toBe(5000)
  expect(kept.has(`${few[0]} peer 0`)).toBe(false)
  expect(kept.has(`${few[0]} peer 89`)).toBe(true)
})

test('the requests of a peer have a rate, which is its own', async () => {
  const { dht, handled, refused, pass } = create()
  const ask = (name: string) => dht.rpc.handleMessage(peer(name), { type: 'GET_PROVIDERS', providers: [] }).catch(() => {})
  for (let count = 0; count < 300; count++) await ask('a')
  expect(handled).toHaveLength(200)
  expect(refused).toHaveLength(100)
  await ask('b')
  pass(1000)
  await ask('a')
  expect(handled).toHaveLength(202)
})

test('of a request only one provider and some of its addresses are read', async () => {
  const { dht, handled } = create()
  const provider = () => ({ multiaddrs: Array.from({ length: 100 }, () => new Uint8Array(8)) })
  await dht.rpc.handleMessage(peer('a'), { type: 'ADD_PROVIDER', providers: [provider(), provider()] })
  expect(handled).toMatchObject([{ providers: [{ multiaddrs: { length: 16 } }] }])
})
