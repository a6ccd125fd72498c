import type { Connection } from '@libp2p/interface'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createUnwantedPeers } from '../../../../src/gossip/upkeep/unwanted-peers.ts'

interface Peer {
  readonly name: string
  readonly protocols?: string[]
}

function start() {
  let now = 0
  const closed: string[] = []
  const peers: Peer[] = []
  const subscribed = new Set<string>()
  const connections = () =>
    peers.map(
      ({ name, protocols = ['/ipfs/id/1.0.0', '/meshsub/1.2.0'] }) =>
        ({
          id: name,
          remotePeer: { toString: () => name },
          streams: protocols.map((protocol) => ({ protocol })),
          close: async () => void closed.push(name),
        }) as unknown as Connection,
    )
  const round = createUnwantedPeers(
    { graceMs: 60_000 },
    {
      connections,
      isSubscribed: (peerId) => subscribed.has(peerId),
      isKnown: (peerId) => peerId === 'known',
      plan: { unwanted: (peerId) => peerId !== 'of the settings' },
      onClose() {},
      log: pino({ level: 'silent' }),
      now: () => now,
    },
  )
  return {
    peers,
    subscribed,
    closed,
    after(ms: number) {
      now += ms
      round()
    },
  }
}

test('peers without a subscription are closed after the grace, known ones and those that use a stream are not', () => {
  const { peers, subscribed, closed, after } = start()
  const idle = ['stranger', 'known', 'subscriber', 'of the settings'].map((name) => ({ name }))
  peers.push(...idle, { name: 'dht', protocols: ['/ipfs/kad/1.0.0'] })
  subscribed.add('subscriber')
  after(0)
  after(59_999)
  expect(closed).toEqual([])
  after(1)
  expect(closed).toEqual(['stranger'])
})

test('the grace begins again when a peer was of use in between', () => {
  const { peers, subscribed, closed, after } = start()
  peers.push({ name: 'a' })
  after(0)
  subscribed.add('a')
  after(59_000)
  subscribed.delete('a')
  after(1000)
  after(59_000)
  expect(closed).toEqual([])
  after(1000)
  expect(closed).toEqual(['a'])
})
