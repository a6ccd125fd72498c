import { expect, test } from 'vitest'
import type { StoredRecord } from '../../contract/harness/archive.ts'
import { type Evidence, judge, longestPause } from '../../contract/harness/judge.ts'
import type { ClientView } from '../../contract/harness/live-client.ts'
import { expectedEventId } from '../../contract/harness/node-b/announcements.ts'
import type { SentMessage } from '../../contract/harness/node-b/publisher.ts'

const message = (index: number, overrides: Partial<SentMessage> = {}): SentMessage => ({
  id: `id-${index}`,
  source: 'peer',
  kind: 'subtree',
  hash: `hash-${index}`,
  at: 1000 + index * 100,
  recipients: 3,
  ...overrides,
})
const record = (key: string, at: number): StoredRecord => ({ topic: 't', key, type: 'subtree', at })
const view = (overrides: Partial<ClientView> = {}): ClientView => ({
  arrivals: new Map(),
  connections: 1,
  repeatsLive: 0,
  repeatsResumed: 0,
  outOfOrder: 0,
  gaps: [],
  ...overrides,
})

const sent = [0, 1, 2, 3].map((index) => message(index))
const whole: Evidence = {
  sent,
  log: sent.map(({ id, at }) => record(id, at + 5)),
  derived: sent.map(({ hash, at }) => record(hash, at + 10)),
  clients: [{ before: view(), now: view({ arrivals: new Map(sent.map(({ id, at }) => [id, at + 7])) }) }],
  own: { bridgeId: 'a', sent: [], heard: new Map() },
  window: { from: 1000, to: 2000, faultAt: 1050 },
}

test('a run in which all messages arrived once has none missing and none twice', () => {
  expect(judge(whole)).toEqual({
    sent: 4,
    unheard: 0,
    inLog: 4,
    inDerived: 4,
    missingInLog: 0,
    missingInDerived: 0,
    missingAtClients: 0,
    copies: 0,
    derivedRepeats: 0,
    clientRepeats: 0,
    clientRepeatsResumed: 0,
    outOfOrder: 0,
    clientGaps: 0,
    logPauseMs: 100,
    derivedPauseMs: 100,
    clientPauseMs: 100,
    ownSent: 0,
    ownMissingInLog: 0,
    ownMissingAtPeer: 0,
    ownRepeatsAtPeer: 0,
    recoveryMs: 0,
  })
})

test('missing messages are found in the event log, and in derived topics only if the event log has them', () => {
  const figures = judge({ ...whole, log: whole.log.slice(1), derived: whole.derived.slice(2) })
  expect(figures).toMatchObject({ inLog: 3, missingInLog: 1, inDerived: 2, missingInDerived: 1, missingAtClients: 0 })
})

test('a message that no instance was connected to receive is not missing', () => {
  const unheard = message(4, { recipients: 0 })
  expect(judge({ ...whole, sent: [...sent, unheard] })).toMatchObject({ sent: 5, unheard: 1, missingInLog: 0 })
})

test('kinds that nobody validates are not missed in the derived topics', () => {
  const rejected = message(4, { kind: 'rejected-tx' })
  const log = [...whole.log, record(rejected.id, 1500)]
  expect(judge({ ...whole, sent: [...sent, rejected], log })).toMatchObject({ missingInDerived: 0, missingAtClients: 1 })
})

test('copies count in the window in which they were written, and the own records of the event log do not', () => {
  const log = [
    ...whole.log,
    record('id-1', 1600),
    record('id-1', 2500),
    record('an instance record', 1700),
    record('an instance record', 1800),
  ]
  expect(judge({ ...whole, log }).copies).toBe(1)
})

test('repeats in the derived topics are counted', () => {
  expect(judge({ ...whole, derived: [...whole.derived, record('hash-1', 1600)] }).derivedRepeats).toBe(1)
})

test('faults of a client before the window are not counted again', () => {
  const now = view({ arrivals: new Map(sent.map(({ id, at }) => [id, at])), repeatsLive: 3, gaps: ['old', 'new'] })
  const clients = [{ before: view({ repeatsLive: 2, gaps: ['old'] }), now }]
  expect(judge({ ...whole, clients })).toMatchObject({ clientRepeats: 1, clientGaps: 1 })
})

test('the pause of a client that reconnected does not count for those that stayed', () => {
  const [first, , , last] = sent
  const lame = {
    before: view(),
    now: view({
      connections: 2,
      arrivals: new Map([
        [first?.id ?? '', 1000],
        [last?.id ?? '', 1900],
      ]),
    }),
  }
  expect(judge({ ...whole, clients: [...whole.clients, lame] }).clientPauseMs).toBe(100)
  expect(judge({ ...whole, clients: [lame] }).clientPauseMs).toBe(900)
})

test('own announcements have to be in the event log and at the peer, where they may arrive twice', () => {
  const own = {
    bridgeId: 'a',
    sent: ['one', 'two', 'three'].map((hash) => ({ hash, at: 1500 })),
    heard: new Map([
      ['one', 1],
      ['two', 3],
    ]),
  }
  const log = [...whole.log, ...['one', 'two'].map((hash) => record(expectedEventId('subtree', hash, 'a'), 1510))]
  expect(judge({ ...whole, log, own })).toMatchObject({ ownSent: 3, ownMissingInLog: 1, ownMissingAtPeer: 1, ownRepeatsAtPeer: 2 })
})

test('recovery ends with the arrival of the last delayed message', () => {
  const derived = whole.derived.map((stored, index) => (index === 1 ? record(stored.key, 4000) : stored))
  expect(judge({ ...whole, derived }).recoveryMs).toBe(2950)
})

test('a pause counts only when it overlaps the window', () => {
  expect(longestPause([0, 900, 5000, 5100, 9000], { from: 1000, to: 5050 })).toBe(4100)
  expect(longestPause([0, 900, 5000, 5100, 9000], { from: 5001, to: 5050 })).toBe(100)
  expect(longestPause([], { from: 0, to: 1 })).toBe(0)
})

test('a state is found by the number in the header of its event, and is missing without one', () => {
  const states = [0, 1, 2].map((index) => message(index, { kind: 'mining-on' }))
  const event = (index: number, sequence: string) => ({
    ...record(expectedEventId('mining-on', `hash-${index}`, 'peer', sequence), 1200 + index),
    sequence,
  })
  expect(judge({ ...whole, sent: states, log: [event(0, '70'), event(2, '72')] })).toMatchObject({ inLog: 2, missingInLog: 1 })
  expect(judge({ ...whole, sent: states, log: [event(0, '70'), event(1, '71'), event(2, '72')] })).toMatchObject({
    inLog: 3,
    missingInLog: 0,
  })
})
