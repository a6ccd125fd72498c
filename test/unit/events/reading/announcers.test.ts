import { expect, test } from 'vitest'
import type { LogEvent } from '../../../../src/events/event.ts'
import { Announcers } from '../../../../src/events/reading/announcers.ts'
import type { EventLogSubscriber } from '../../../../src/events/reading/subscribers.ts'

function setUp(maxHashes = 100) {
  const announcers = new Announcers({ bridgeId: 'a', network: 'regtest', maxHashes })
  let listener: EventLogSubscriber = {}
  announcers.follow({
    subscribe(subscriber) {
      listener = subscriber
      return () => {}
    },
  })
  const see = (type: 'block' | 'subtree', hash: string, peerId: string | null, other: { bridgeId?: string; url?: string } = {}) => {
    const { bridgeId = 'a', url: dataHubUrl = `https://${peerId}.example` } = other
    const event = { network: 'regtest', bridgeId, peerId, type, [type]: { hash, dataHubUrl } }
    void listener.onEntries?.({ entries: [{ event: event as unknown as LogEvent, offset: 0n, timestamp: 0 }], next: 1n, isReadBack: false })
  }
  const peers = (kind: 'block' | 'subtree', hash: string) => announcers.of(kind, hash).map(({ peerId }) => peerId)
  return { announcers, see, peers }
}

test('knows who announced a hash, each signer once and the first one first, and blocks apart from subtrees', () => {
  const { announcers, see, peers } = setUp()
  see('block', '1', 'anna')
  see('block', '1', 'bert')
  see('block', '1', 'anna', { url: 'https://another.example' })
  see('subtree', '1', 'carl')
  expect(announcers.of('block', '1')).toEqual([
    { peerId: 'anna', dataHubUrl: 'https://anna.example' },
    { peerId: 'bert', dataHubUrl: 'https://bert.example' },
  ])
  expect(peers('subtree', '1')).toEqual(['carl'])
  expect(peers('block', '2')).toEqual([])
})

test('own announcements, and events of another bridge, have no signer to blame', () => {
  const { see, peers } = setUp()
  see('block', '1', null)
  see('block', '1', 'anna', { bridgeId: 'b' })
  expect(peers('block', '1')).toEqual([])
})

test('hashes and the signers of one hash are bounded: the oldest hash is forgotten, and a flood of signers displaces nobody', () => {
  const { see, peers } = setUp(2)
  see('block', '1', 'anna')
  see('block', '2', 'anna')
  for (let n = 0; n < 1000; n++) see('block', '2', `peer${n}`)
  expect(peers('block', '1')).toEqual(['anna'])
  expect(peers('block', '2')).toHaveLength(50)
  see('block', '3', 'bert')
  expect(peers('block', '1')).toEqual([])
  expect(peers('block', '3')).toEqual(['bert'])
})
