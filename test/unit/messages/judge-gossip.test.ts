import { expect, test } from 'vitest'
import type { Announcement } from '../../../src/messages/announcement.ts'
import { type HeardMessage, type JudgeGossipDeps, judgeGossip } from '../../../src/messages/judge-gossip.ts'

const announcement: Announcement = { type: 'subtree', subtree: { hash: 'cd'.repeat(32), dataHubUrl: 'http://b.example' } }
const message: HeardMessage = {
  topic: 'bitcoin/regtest-subtree',
  data: Buffer.from('{}'),
  signer: 'signer',
  sequenceNumber: 1n,
  hop: 'hop',
  hopAddress: '1.2.3.4',
}

class Refused extends Error {}

function judge(deps: Partial<JudgeGossipDeps> = {}) {
  return judgeGossip({
    typeOf: () => 'subtree',
    maxBytes: () => 100,
    mayAnnounce: () => true,
    admit: () => true,
    isScored: () => true,
    decode: () => ({ announcement, claimedPeerId: 'signer' }),
    refusalReason: (error) => (error instanceof Refused ? error.message : undefined),
    isBanned: () => false,
    headerFault: () => undefined,
    isSibling: () => false,
    eventId: (_, signer) => `id-of-${signer}`,
    isSeen: () => false,
    ...deps,
  })(message)
}

test('a new announcement is accepted, with its event id', () => {
  expect(judge()).toEqual({ verdict: 'accept', id: 'id-of-signer', announcement })
})

const fail = (error: Error) => () => {
  throw error
}
const cases: [string, Partial<JudgeGossipDeps>, string, string][] = [
  ['a topic that nobody asked for', { typeOf: () => undefined }, 'ignore', 'unknown-topic'],
  ['more bytes than its kind may have', { maxBytes: () => 1 }, 'ignore-and-score', 'too-large'],
  ['content that breaks a rule', { decode: fail(new Refused('bad-hash')) }, 'ignore-and-score', 'bad-hash'],
  ['an error of our own', { decode: fail(new TypeError('our bug')) }, 'ignore', 'internal'],
  [
    'a payload in another peer’s name',
    { decode: () => ({ announcement, claimedPeerId: 'victim' }) },
    'ignore-and-score',
    'signer-mismatch',
  ],
  ['more of a kind than a node sends', { admit: () => false }, 'ignore', 'signer-rate'],
  ['an author that the operator does not listen to', { mayAnnounce: () => false }, 'ignore', 'author'],
  ['content that breaks a rule without blame', { decode: fail(new Refused('not-json')), isScored: () => false }, 'ignore', 'not-json'],
  ['too many bytes without blame', { maxBytes: () => 1, isScored: () => false }, 'ignore', 'too-large'],
  ['broken content of a banned signer', { decode: fail(new Refused('bad-hash')), isBanned: () => true }, 'ignore', 'banned'],
  ['a banned signer', { isBanned: ({ peerId }) => peerId === 'signer' }, 'ignore', 'banned'],
  ['a banned address', { isBanned: ({ address }) => address === '1.2.3.4' }, 'ignore', 'banned'],
  ['a header that is not the announced block’s', { headerFault: () => 'header-hash' }, 'ignore-and-score', 'header-hash'],
  ['a block without a header, where one is required', { headerFault: () => 'header-missing' }, 'ignore', 'header-missing'],
  [
    'a header with less work than the setting asks for, which may be of an honest chain',
    { headerFault: () => 'header-work' },
    'ignore',
    'header-work',
  ],
  ['a repeat', { isSeen: () => true }, 'relay', 'repeat'],
  [
    'a handshake',
    { decode: () => ({ announcement: undefined, claimedPeerId: 'signer' }), typeOf: () => 'handshake' },
    'relay',
    'handshake',
  ],
]

test.each(cases)('%s', (_, deps, verdict, reason) => {
  expect(judge(deps)).toMatchObject({ verdict, reason })
})

test('a sibling’s own announcement is passed on, and its content is told', () => {
  expect(judge({ isSibling: () => true })).toEqual({ verdict: 'relay', reason: 'sibling', announced: announcement })
})
