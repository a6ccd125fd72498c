import { peerIdFromString } from '@libp2p/peer-id'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createNode } from '../../../../src/gossip/node/node.ts'
import { ephemeralIdentity } from '../../../../src/identity/key.ts'

const PEER = peerIdFromString('12D3KooWAFXWuxgdJoRsaA4J4RRRr8yu6WCrAPf8FaS7UfZg3ceG')
const DAY_MS = 86_400_000

test('what is known of a peer that says nothing new for a day is not forgotten', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const identity = await ephemeralIdentity()
  const node = await createNode(
    { identity, listen: [], announce: [], topics: [], maxConnections: 2, maxConnectionsPerSecondAndAddress: 1, userAgent: 'test' },
    { connectionGater: {} },
  )
  await node.peerStore.merge(PEER, { protocols: ['/meshsub/1.2.0'], tags: { known: { value: 1 } } })
  vi.setSystemTime(Date.now() + DAY_MS)
  const { protocols, tags } = await node.peerStore.get(PEER)
  expect(protocols).toEqual(['/meshsub/1.2.0'])
  expect(tags.get('known')?.value).toBe(1)
})
