import type { Message } from '@chainsafe/libp2p-gossipsub'
import { peerIdFromString } from '@libp2p/peer-id'
import { expect, test } from 'vitest'
import { createTopicValidator, type GossipMessage, type Judge } from '../../../../src/gossip/messages/topic-validator.ts'
import { ephemeralIdentity } from '../../../../src/identity/key.ts'

const own = await ephemeralIdentity()
const signer = await ephemeralIdentity()
const hop = peerIdFromString((await ephemeralIdentity()).peerId)

function start(judge: Judge, options: { maxPending?: number; mayBeHeard?: boolean } = {}) {
  const outcomes: string[] = []
  const errors: unknown[] = []
  const validate = createTopicValidator(
    { ownPeerId: own.peerId, maxMessageBytes: 10, maxSharedBytes: 8, maxPending: options.maxPending ?? 100 },
    {
      errors: { count: (topic, error) => errors.push([topic, error]) },
      judge,
      mayBeHeard: () => options.mayBeHeard ?? true,
      addressOf: () => '192.0.2.1',
      isReplay: (_, number) => number === 666n,
      onReplay: (hop) => void outcomes.push(`replay from ${hop}`),
      onOutcome: (_, outcome) => outcomes.push(outcome),
    },
  )
  const hear = (data = new Uint8Array(3), from = signer, number = 5n) => validate(hop, messageOf(data, from, number))
  return { outcomes, errors, hear }
}

function messageOf(data: Uint8Array, { peerId, privateKey }: typeof signer, sequenceNumber: bigint): Message {
  return {
    type: 'signed',
    from: peerIdFromString(peerId),
    topic: 't',
    data,
    sequenceNumber,
    signature: data,
    key: privateKey.publicKey,
  }
}

test('a host that may have lost its identity judges messages and passes none on', () => {
  const { hear, outcomes } = start(() => 'accept', { mayBeHeard: false })
  expect(hear()).toBe('ignore')
  expect(outcomes).toEqual(['accept'])
})

test('an old message that is played back is neither judged nor passed on, and counts for the neighbour that sent it', () => {
  const { hear, outcomes } = start(() => 'accept')
  expect(hear(new Uint8Array(3), signer, 666n)).toBe('ignore')
  expect(outcomes).toEqual([`replay from ${hop}`, 'replayed'])
})

test('the judge gets the signer, the hop and the address of the hop', () => {
  const heard: GossipMessage[] = []
  const { hear } = start((message) => {
    heard.push(message)
    return 'accept'
  })
  expect(hear()).toBe('accept')
  expect(heard).toEqual([
    { topic: 't', data: new Uint8Array(3), signer: signer.peerId, sequenceNumber: 5n, hop: hop.toString(), hopAddress: '192.0.2.1' },
  ])
})

test.each([
  ['ignore', () => 'ignore' as const, 'ignore'],
  ['a promise of ignore', () => Promise.resolve('ignore' as const), 'ignore'],
  [
    'an exception',
    () => {
      throw new Error('broken')
    },
    'error',
  ],
  ['a rejection', () => Promise.reject(new Error('broken')), 'error'],
])('a judge that returns %s means ignore, never reject', async (_, judge, outcome) => {
  // biome-ignore format: one line each
  const { hear, outcomes } = start(judge)
  expect(await hear()).toBe('ignore')
  expect(outcomes).toEqual([outcome])
})

test('a message that is too large, or our own replayed one, is not judged', () => {
  const { hear, outcomes } = start(() => {
    throw new Error('was asked')
  })
  expect(hear(new Uint8Array(11))).toBe('ignore')
  expect(hear(new Uint8Array(1), own)).toBe('ignore')
  expect(outcomes).toEqual(['too-large', 'own'])
})

test('a message that some peers could not take is judged, but not passed on', async () => {
  const sync = start(() => 'accept')
  expect(sync.hear(new Uint8Array(8))).toBe('accept')
  expect(sync.hear(new Uint8Array(9))).toBe('ignore')
  const late = start(() => Promise.resolve('accept'))
  expect(await late.hear(new Uint8Array(9))).toBe('ignore')
  expect([...sync.outcomes, ...late.outcomes]).toEqual(['accept', 'accept-only', 'accept-only'])
})

test('messages beyond the bound of judgements in progress are ignored', async () => {
  const gates: (() => void)[] = []
  const { hear, outcomes } = start(() => new Promise((resolve) => gates.push(() => resolve('accept'))), { maxPending: 2 })
  const first = [hear(), hear()]
  expect(hear()).toBe('ignore')
  for (const open of gates) open()
  expect(await Promise.all(first)).toEqual(['accept', 'accept'])
  const again = hear()
  gates.at(-1)?.()
  expect(await again).toBe('accept')
  expect(outcomes).toEqual(['busy', 'accept', 'accept', 'accept'])
})

test('an error of the judge is reported, and the message is ignored', async () => {
  const broken = new Error('broken')
  const { hear, errors, outcomes } = start(() => {
    throw broken
  })
  expect(hear()).toBe('ignore')
  const late = start(() => Promise.reject(broken))
  expect(await late.hear()).toBe('ignore')
  expect([...errors, ...late.errors]).toEqual([
    ['t', broken],
    ['t', broken],
  ])
  expect([...outcomes, ...late.outcomes]).toEqual(['error', 'error'])
})
