import type { Message } from '@chainsafe/libp2p-gossipsub'
import { peerIdFromString } from '@libp2p/peer-id'
import { expect, test } from 'vitest'
import { goMessageId, quickMessageId } from '../../../../src/gossip/node/message-id.ts'
import { identityFromText } from '../../../../src/identity/key.ts'

const publicKey = 'ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c'

async function signedMessage(sequenceNumber: bigint): Promise<Message> {
  const { peerId, privateKey } = await identityFromText('07'.repeat(32) + publicKey)
  return {
    type: 'signed',
    from: peerIdFromString(peerId),
    topic: 't',
    data: new Uint8Array(),
    sequenceNumber,
    signature: new Uint8Array(),
    key: privateKey.publicKey,
  }
}

test("the id is Go's: the signer's peer id bytes with their prefix, then the sequence number", async () => {
  const id = goMessageId(await signedMessage(1n))
  expect(Buffer.from(id).toString('hex')).toBe(`002408011220${publicKey}0000000000000001`)
})

test('the id holds all 64 bits of the sequence number', async () => {
  expect(Buffer.from(goMessageId(await signedMessage(2n ** 64n - 1n))).toString('hex')).toMatch(/f{16}$/)
})

test('an unsigned message has no id', () => {
  expect(() => goMessageId({ type: 'unsigned', topic: 't', data: new Uint8Array() })).toThrow('unsigned')
})

test('the quick id has the same bytes: only signer and sequence number count', async () => {
  const from = Buffer.from(`002408011220${publicKey}`, 'hex')
  const seqno = Buffer.from('0000000000000001', 'hex')
  expect(Buffer.from(quickMessageId({ from, seqno }), 'latin1')).toEqual(Buffer.from(goMessageId(await signedMessage(1n))))
  expect(quickMessageId({ from })).not.toBe(quickMessageId({ from, seqno }))
  expect(quickMessageId({})).toBe('')
})
