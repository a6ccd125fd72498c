import type { PeerId, PeerStore } from '@libp2p/interface'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { tagKnownPeers } from '../../../../src/gossip/upkeep/known-tags.ts'
import { createKnownPeers } from '../../../../src/peers/known-peers.ts'

const one = '12D3KooWAFXWuxgdJoRsaA4J4RRRr8yu6WCrAPf8FaS7UfZg3ceG'
const two = '12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust'

test('peers of the settings are tagged at once, and useful ones when they become known', () => {
  const tagged: string[] = []
  const merge = async (peerId: PeerId, { tags }: { tags?: object }) => void tagged.push(`${peerId} ${JSON.stringify(tags)}`)
  const known = createKnownPeers()
  known.list(one)
  const stop = tagKnownPeers({ peerStore: { merge } as unknown as PeerStore, known, log: pino({ level: 'silent' }) })
  const tags = '{"gossip-bridge-known":{"value":100}}'
  expect(tagged).toEqual([`${one} ${tags}`])
  const block = { hash: 'ab', height: 1, header: '00'.repeat(80), dataHubUrl: '' }
  known.announced({ type: 'block', block }, two)
  expect(tagged).toEqual([`${one} ${tags}`, `${two} ${tags}`])
  stop()
  known.list('later')
  expect(tagged).toHaveLength(2)
})

test('a peer that the settings no longer name loses its tag, unless its announcements keep it known', () => {
  const tagged: [string, object | undefined][] = []
  const merge = async (peerId: PeerId, { tags }: { tags: Record<string, object | undefined> }) =>
    void tagged.push([peerId.toString(), tags['gossip-bridge-known']])
  const known = createKnownPeers()
  known.relist([one, two])
  tagKnownPeers({ peerStore: { merge } as unknown as PeerStore, known, log: pino({ level: 'silent' }) })
  known.announced({ type: 'block', block: { hash: 'ab', height: 1, header: '00'.repeat(80), dataHubUrl: '' } }, two)
  tagged.length = 0
  known.relist([])
  expect(tagged).toEqual([
    [one, undefined],
    [two, { value: 100 }],
  ])
})
