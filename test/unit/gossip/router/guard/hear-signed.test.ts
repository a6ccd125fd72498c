import { type Message, TopicValidatorResult } from '@chainsafe/libp2p-gossipsub'
import { RPC } from '@chainsafe/libp2p-gossipsub/message'
import { generateKeyPair, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { bytesAsKey, goMessageId } from '../../../../../src/gossip/node/message-id.ts'
import { isSignedWithEd25519, type SignedMessage, SignedMessages } from '../../../../../src/gossip/router/guard/hear-signed.ts'
import { signedBytes } from '../../../../../src/gossip/router/guard/signed-bytes.ts'
import { Signers } from '../../../../../src/gossip/router/guard/signers.ts'
import { fc } from '../../../../support/properties.ts'

const key = await generateKeyPair('Ed25519')
const other = await generateKeyPair('Ed25519')
const slow = await generateKeyPair('secp256k1')
const from = key.publicKey.toMultihash().bytes
const TOPIC = 'bitcoin/regtest-block'
const HOP = { toString: () => 'hop' } as PeerId

async function sign(message: Partial<RPC.Message> = {}): Promise<SignedMessage> {
  const unsigned = { from, topic: TOPIC, seqno: new Uint8Array(8).fill(7), data: Buffer.from('hello'), ...message }
  const signature = await key.sign(Buffer.concat([Buffer.from('libp2p-pubsub:'), RPC.Message.encode(unsigned)]))
  return { ...unsigned, signature }
}

/** A router that knows what it has seen, and whose validator has this verdict. */
function create(verdict: TopicValidatorResult = TopicValidatorResult.Accept) {
  const seen = new Set<string>()
  const calls: string[] = []
  const judged: Message[] = []
  const judge = (_: PeerId, message: Message) => {
    judged.push(message)
    return verdict
  }
  const signed = new SignedMessages({
    seenCache: { entries: new Map(), has: (id) => seen.has(id), put: (id) => !!seen.add(id) },
    topicValidators: new Map([[TOPIC, judge]]),
    opts: { idontwantMinDataSize: 100 },
    sendIDontWants: (id, topic, source) => void calls.push(`${id.length} ${topic} ${source}`),
  })
  const hear = (message: SignedMessage) => {
    const signer = bytesAsKey(message.from)
    return signed.hear(HOP, message, { signer, id: signer + bytesAsKey(message.seqno) })
  }
  return { hear, seen, calls, judged }
}

test('the signed bytes are those of the general encoder, whatever the fields are', () => {
  const bytes = fc.uint8Array({ maxLength: 300 })
  const large = fc.integer({ min: 0, max: 40_000 }).map((length) => new Uint8Array(length).fill(3))
  const topic = fc.string({ unit: 'grapheme', maxLength: 200 }).map((text) => text.toWellFormed())
  const fields = fc.record({ from: bytes, data: fc.oneof(bytes, large), seqno: bytes, topic }, { requiredKeys: ['topic'] })
  fc.assert(
    fc.property(fields, (message) => {
      const expected = Buffer.concat([Buffer.from('libp2p-pubsub:'), RPC.Message.encode(message)])
      expect(Buffer.compare(signedBytes(message), expected)).toBe(0)
    }),
    { numRuns: 300 },
  )
})

test('a valid message is judged, and known by the id that Go gives it', async () => {
  const { hear, seen, judged } = create()
  const message = await sign()
  const result = await hear(message)
  expect(result).toMatchObject({ code: 'valid', msg: { type: 'signed', topic: TOPIC, sequenceNumber: 0x0707070707070707n } })
  const [heard] = judged
  if (!heard || result.code !== 'valid') throw new Error('it was not judged')
  expect(heard).toBe(result.msg)
  expect(Buffer.from(heard.data).toString()).toBe('hello')
  expect(Buffer.compare(result.messageId.msgId, goMessageId(heard))).toBe(0)
  expect([...seen]).toEqual([bytesAsKey(goMessageId(heard))])
  expect(result.messageId.msgIdStr).toBe(bytesAsKey(goMessageId(heard)))
})

test('a copy that was verified at the same time is a duplicate', async () => {
  const { hear, judged } = create()
  const message = await sign()
  const results = await Promise.all([hear(message), hear({ ...message })])
  expect(results.map(({ code }) => code)).toEqual(['valid', 'duplicate'])
  expect(judged).toHaveLength(1)
})

test.each<[string, Partial<SignedMessage>]>([
  ['other data', { data: Buffer.from('hallo') }],
  ['another topic', { topic: 'bitcoin/regtest-subtree' }],
  ['another number', { seqno: new Uint8Array(8) }],
  ['another signer', { from: other.publicKey.toMultihash().bytes }],
  ['another signature', { signature: new Uint8Array(64) }],
])('a message with %s is invalid, and its id stays unknown', async (_, change) => {
  const { hear, seen, judged } = create()
  expect(await hear({ ...(await sign()), ...change })).toEqual({ code: 'invalid', reason: 'error' })
  expect([seen.size, judged.length]).toEqual([0, 0])
})

test('what the validator ignores is not passed on, and is not verified again', async () => {
  const { hear, seen } = create(TopicValidatorResult.Ignore)
  expect(await hear(await sign())).toMatchObject({ code: 'invalid', reason: 'ignore' })
  expect(seen.size).toBe(1)
})

test('the mesh is told of a large message that nobody needs to send again', async () => {
  const { hear, calls } = create()
  await hear(await sign({ data: new Uint8Array(99) }))
  expect(calls).toEqual([])
  await hear(await sign({ data: new Uint8Array(100), seqno: new Uint8Array(8) }))
  expect(calls).toEqual([`46 ${TOPIC} hop`])
})

test('a message without data has none', async () => {
  const { hear, judged } = create()
  const { data: _, ...message } = await sign()
  const signature = await key.sign(signedBytes(message))
  await hear({ ...message, signature })
  expect(judged.map(({ data }) => data.length)).toEqual([0])
})

test('a message may carry the key of its signer, and no other one', async () => {
  const message = await sign()
  expect(isSignedWithEd25519(message)).toBe(true)
  expect(isSignedWithEd25519({ ...message, key: publicKeyToProtobuf(key.publicKey) })).toBe(true)
  expect(isSignedWithEd25519({ ...message, key: publicKeyToProtobuf(other.publicKey) })).toBe(false)
  expect(isSignedWithEd25519({ ...message, key: new Uint8Array() })).toBe(false)
  expect(isSignedWithEd25519({ ...message, from: slow.publicKey.toMultihash().bytes })).toBe(false)
  expect(isSignedWithEd25519({ ...message, seqno: new Uint8Array(9) })).toBe(false)
  expect(isSignedWithEd25519({ ...message, signature: new Uint8Array(63) })).toBe(false)
  expect(isSignedWithEd25519({ topic: TOPIC })).toBe(false)
})

test('signers are remembered up to a bound, and not with the bytes that they came in', () => {
  const signers = new Signers()
  const bytes = Buffer.from(from)
  const first = signers.of(bytesAsKey(bytes), bytes)
  bytes.fill(0)
  expect(first.toString()).toBe(signers.of(bytesAsKey(from), from).toString())
  expect(first.publicKey.equals(key.publicKey)).toBe(true)
  for (let index = 0; index < 3000; index++) signers.of(`signer ${index}`, from)
  expect(signers.size).toBeLessThanOrEqual(1000)
})
