import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { expect, test } from 'vitest'
import { PeerNames } from '../../../../src/gossip/messages/peer-names.ts'

const createPeer = async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))

test('returns the text of each peer id, on repeated calls too', async () => {
  const names = new PeerNames()
  const peers = await Promise.all(Array.from({ length: 20 }, createPeer))
  for (let round = 0; round < 2; round++) expect(peers.map((peer) => names.of(peer))).toEqual(peers.map(String))
  expect(names.size).toBe(20)
})

test('is bounded, and stays correct after it was cleared', async () => {
  const names = new PeerNames()
  const peer = await createPeer()
  const { bytes } = peer.toMultihash()
  for (let other = 0; other < 3000; other++) {
    // Longer than a real peer id, so that none of them can be `peer`'s own bytes.
    const made = Uint8Array.from([...bytes, other & 0xff, other >> 8])
    names.of({ toMultihash: () => ({ bytes: made }), toString: () => `${other}` } as never)
    expect(names.size).toBeLessThanOrEqual(1000)
  }
  expect(names.of(peer)).toBe(`${peer}`)
})
