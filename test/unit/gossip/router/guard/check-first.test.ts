import type { RPC } from '@chainsafe/libp2p-gossipsub/message'
import { generateKeyPair, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { checkFirst } from '../../../../../src/gossip/router/guard/check-first.ts'
import { isEd25519, signatureFault } from '../../../../../src/gossip/router/guard/signature-faults.ts'
import type { ReceivedMessage } from '../../../../../src/gossip/router/router.ts'

const key = await generateKeyPair('Ed25519')
const other = await generateKeyPair('Ed25519')
const slow = await generateKeyPair('secp256k1')
const from = key.publicKey.toMultihash().bytes
const good: RPC.Message = { from, seqno: new Uint8Array(8), signature: new Uint8Array(64), topic: 't', data: new Uint8Array(3) }
const { signature: _s, ...unsigned } = good
const { from: _f, ...anonymous } = good
const { seqno: _n, ...unnumbered } = good

test.each<[string, RPC.Message, string, boolean]>([
  ['a bad signature', good, 'bad-signature', true],
  ['the key of another peer', { ...good, key: publicKeyToProtobuf(other.publicKey) }, 'wrong-key', true],
  ['no signature', unsigned, 'no-signature', true],
  ['no signer', anonymous, 'no-signer', true],
  ['no sequence number, which Go takes', unnumbered, 'no-sequence-number', false],
  ['a long sequence number', { ...good, seqno: new Uint8Array(9) }, 'no-sequence-number', false],
  ['a key that is none', { ...good, key: new Uint8Array(5) }, 'unknown-key', false],
  ['a signature of another kind of key', { ...good, from: slow.publicKey.toMultihash().bytes }, 'unknown-key', false],
])('%s', (_, message, reason, isBlamed) => {
  expect(signatureFault(message)).toEqual({ reason, isBlamed })
})

test('an Ed25519 signer is told from its peer id', () => {
  expect(isEd25519(good)).toBe(true)
  expect(isEd25519({ ...good, from: slow.publicKey.toMultihash().bytes })).toBe(false)
  expect(isEd25519(anonymous)).toBe(false)
})

const messageId = { msgId: new Uint8Array(), msgIdStr: 'id' }
const VALID: ReceivedMessage = { code: 'valid', messageId, msg: { type: 'unsigned', topic: 't', data: new Uint8Array() } }

function create({ answer = VALID, known = false, isRefused = false } = {}) {
  const calls: string[] = []
  const router = {
    seenCache: { has: () => known },
    score: { rejectInvalidMessage: () => void calls.push('router blames') },
    async validateReceivedMessage(): Promise<ReceivedMessage> {
      calls.push('verified by the router')
      return answer
    },
  }
  const signed = {
    async hear(): Promise<ReceivedMessage> {
      calls.push('verified')
      return answer
    },
  }
  checkFirst(router, signed, {
    refuse: (hop, signer, kind) => {
      calls.push(`may ${hop} ${signer} ${kind}`)
      return isRefused ? 'over-rate' : undefined
    },
    keyOf: (bytes) => `${bytes.length}`,
    onRefused: (reason, hop) => calls.push(`${reason} ${hop}`),
    onOffence: (hop, topic) => calls.push(`blamed ${hop} ${topic}`),
  })
  const hop = { toString: () => 'hop' } as PeerId
  return { calls, receive: (message = good) => router.validateReceivedMessage.call(router, ...([hop, message] as unknown as [])), router }
}

test('a new message is verified only if it is admitted', async () => {
  const admitted = create()
  expect(await admitted.receive()).toEqual(VALID)
  expect(admitted.calls).toEqual(['may hop 38 ed25519', 'verified'])
  const refused = create({ isRefused: true })
  expect(await refused.receive()).toEqual({ code: 'duplicate', msgIdStr: '388' })
  expect(refused.calls).toEqual(['may hop 38 ed25519', 'over-rate hop'])
})

test('a copy of a known message uses up no rate', async () => {
  const { receive, calls } = create({ known: true, isRefused: true })
  expect(await receive()).toEqual({ code: 'duplicate', msgIdStr: '388' })
  expect(calls).toEqual([])
})

test('the router hears what is not signed as nodes of this network sign', async () => {
  const { receive, calls } = create()
  await receive({ ...good, from: slow.publicKey.toMultihash().bytes })
  expect(calls).toEqual([expect.stringMatching(/^may hop \d+ slow$/), 'verified by the router'])
})

test('a bad signature is counted and blamed on the neighbour; what the validator ignores is not', async () => {
  const bad = create({ answer: { code: 'invalid', reason: 'error' } })
  await bad.receive()
  expect(bad.calls).toEqual(['may hop 38 ed25519', 'verified', 'bad-signature hop', 'blamed hop t'])
  const ignored = create({ answer: { code: 'invalid', reason: 'ignore' } })
  await ignored.receive()
  expect(ignored.calls).toEqual(['may hop 38 ed25519', 'verified'])
})

test('the router itself blames nobody', () => {
  const { router, calls } = create()
  router.score.rejectInvalidMessage()
  expect(calls).toEqual([])
})
