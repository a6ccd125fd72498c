import { expect, test } from 'vitest'
import type { LogEvent } from '../../../../src/events/event.ts'
import { AnnouncedPeers } from '../../../../src/events/reading/announced-peers.ts'
import type { EventLogSubscriber } from '../../../../src/events/reading/subscribers.ts'

function setUp(maxPeers = 100) {
  const peers = new AnnouncedPeers({ bridgeId: 'a', network: 'regtest', maxPeers })
  let listener: EventLogSubscriber = {}
  peers.follow({
    subscribe(subscriber) {
      listener = subscriber
      return () => {}
    },
  })
  const see = (peerId: string | null, content: object, other: object = {}) => {
    const event = { network: 'regtest', bridgeId: 'a', origin: 'network', receivedAt: 5000, peerId, ...content, ...other }
    void listener.onEntries?.({ entries: [{ event: event as unknown as LogEvent, offset: 0n, timestamp: 0 }], next: 1n, isReadBack: false })
  }
  return { peers, see, gap: (reason: string) => listener.onGap?.({ reason } as never) }
}

const block = (height: number, dataHubUrl: string) => ({ type: 'block', block: { hash: `hash ${height}`, height, dataHubUrl } })
const status = (bestHeight: number, dataHubUrl: string) => ({
  type: 'node-status',
  nodeStatus: { bestHeight, bestBlockHash: `hash ${bestHeight}`, dataHubUrl, clientName: 'a node', storage: 'pruned' },
})

test('a peer is what it announced last', () => {
  const { peers, see } = setUp()
  see('anna', block(7, 'https://anna.example'))
  see('anna', { type: 'rejected-tx', rejectedTx: {} }, { receivedAt: 6000 })
  expect(peers.get('anna')).toEqual({
    height: 7,
    hash: 'hash 7',
    dataHubUrl: 'https://anna.example',
    clientName: '',
    storage: '',
    lastBlockAt: 5000,
    lastMessageAt: 6000,
  })
  see('anna', status(6, 'https://other.example'))
  expect(peers.get('anna')).toMatchObject({ height: 6, hash: 'hash 6', dataHubUrl: 'https://other.example', storage: 'pruned' })
  see('anna', status(0, ''))
  expect(peers.get('anna')).toMatchObject({ height: 6, dataHubUrl: '', clientName: 'a node' })
})

test('the own node, other bridges and other networks are no peers', () => {
  const { peers, see } = setUp()
  see(null, block(1, ''))
  see('anna', block(1, ''), { origin: 'own' })
  see('anna', block(1, ''), { bridgeId: 'b' })
  see('anna', block(1, ''), { network: 'mainnet' })
  expect(peers.all().size).toBe(0)
})

test('peers have a bound: who was silent for longest is forgotten', () => {
  const { peers, see } = setUp(2)
  for (const peerId of ['anna', 'bert', 'anna', 'carl']) see(peerId, block(1, ''))
  expect([...peers.all().keys()]).toEqual(['anna', 'carl'])
})

test('the height is the one that a peer named last, also when that is lower', () => {
  const { peers, see } = setUp()
  see('anna', block(7, ''))
  see('anna', { type: 'mining-on', miningOn: { hash: 'x', height: 6, dataHubUrl: '' } })
  see('bert', { type: 'subtree', subtree: { hash: 'x', dataHubUrl: 'https://bert.example' } })
  expect(['anna', 'bert', 'carl'].map((peerId) => peers.heightOf(peerId))).toEqual([6, null, null])
  expect(peers.get('bert')?.dataHubUrl).toBe('https://bert.example')
})

test('an event log made anew has other peers', () => {
  const { peers, see, gap } = setUp()
  see('anna', block(7, ''))
  gap('expired')
  expect(peers.all().size).toBe(1)
  gap('topic-made-anew')
  expect(peers.all().size).toBe(0)
})
