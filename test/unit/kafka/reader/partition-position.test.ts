import { expect, test } from 'vitest'
import { type KnownPosition, PartitionPosition, type PositionQuestions } from '../../../../src/kafka/reader/partition-position.ts'

/** A topic as its leader knows it. `ends`: where each leader epoch ends in the leader's log. */
function leader({
  low = 0n,
  high = 20n,
  id = 'one' as string | undefined,
  ends = {} as Record<number, [epoch: number, end: bigint]>,
} = {}) {
  const questions: PositionQuestions = {
    bounds: async () => ({ low, high }),
    topicId: async () => id,
    epochEnd: async (leaderEpoch) => {
      const [epoch, endOffset] = ends[leaderEpoch] ?? []
      return epoch === undefined || endOffset === undefined ? undefined : { leaderEpoch: epoch, endOffset }
    },
  }
  return questions
}

const at = (known: KnownPosition) => new PartitionPosition(known)

test('an answer moves the position; an answer without batches keeps the epoch', () => {
  const position = at({ next: 3n })
  position.advance({ nextOffset: 7n, lastLeaderEpoch: 2 })
  position.advance({ nextOffset: 9n, lastLeaderEpoch: undefined })
  expect(position).toMatchObject({ next: 9n, leaderEpoch: 2 })
})

test.each([
  ['the same epoch', 2, false],
  ['a newer one', 3, true],
  ['an older one', 1, true],
  ['no batch', undefined, false],
])('an answer with %s', (_, firstLeaderEpoch, isDoubtful) => {
  expect(at({ next: 3n, leaderEpoch: 2 }).isDoubtful({ firstLeaderEpoch })).toBe(isDoubtful)
  expect(at({ next: 3n }).isDoubtful({ firstLeaderEpoch })).toBe(false)
})

test.each([
  ['ends at the position: the log continues', { 2: [2, 10n] }, 3, undefined, 10n],
  ['ends beyond the position: the log continues', { 2: [2, 12n] }, 3, undefined, 10n],
  ['ends before: the records there now are new', { 2: [2, 8n] }, 3, { reason: 'truncated', requested: 10n, next: 8n }, 8n],
  ['is not known to the leader at all', { 2: [1, 5n] }, 3, { reason: 'truncated', requested: 10n, next: 5n }, 5n],
  ['cannot be requested', {}, 3, undefined, 10n],
  ['is newer than the next epoch of an older copy of the log', { 0: [0, 6n] }, 1, { reason: 'truncated', requested: 10n, next: 6n }, 6n],
] as const)('the last epoch %s', async (_, ends, firstLeaderEpoch, move, next) => {
  const position = at({ next: 10n, leaderEpoch: 2, topicId: 'one' })
  expect(await position.checkEpoch({ firstLeaderEpoch }, leader({ ends: ends as never }))).toEqual(move)
  expect(position.next).toBe(next)
})

test('after records were lost, the epoch is that of the last remaining record', async () => {
  const position = at({ next: 10n, leaderEpoch: 2 })
  await position.checkEpoch({ firstLeaderEpoch: 3 }, leader({ ends: { 2: [1, 5n] } }))
  expect(position.leaderEpoch).toBe(1)
})

test.each([
  ['before the oldest', { next: 2n }, { low: 5n }, { reason: 'expired', requested: 2n, next: 5n }],
  ['in the topic after all', { next: 20n }, {}, undefined],
  [
    'beyond the end of another topic',
    { next: 30n, topicId: 'other' },
    { low: 3n },
    { reason: 'topic-made-anew', requested: 30n, next: 3n },
  ],
  ['in another topic', { next: 10n, topicId: 'other' }, {}, { reason: 'topic-made-anew', requested: 10n, next: 0n }],
  [
    'beyond the end, with nothing known, of a topic that begins at 0',
    { next: 30n },
    {},
    { reason: 'topic-made-anew', requested: 30n, next: 0n },
  ],
  ['beyond the end, with nothing known, of an older topic', { next: 30n }, { low: 5n }, { reason: 'truncated', requested: 30n, next: 20n }],
  [
    'beyond the end of the same topic, whose newest records are lost',
    { next: 30n, topicId: 'one', leaderEpoch: 2 },
    { ends: { 2: [2, 15n] as [number, bigint] } },
    { reason: 'truncated', requested: 30n, next: 15n },
  ],
  [
    'beyond the end of the same topic, where the epochs part before its oldest record',
    { next: 30n, topicId: 'one', leaderEpoch: 2 },
    { low: 16n, ends: { 2: [2, 15n] as [number, bigint] } },
    { reason: 'truncated', requested: 30n, next: 16n },
  ],
  [
    'beyond the end of the same topic, with no epoch known',
    { next: 30n, topicId: 'one' },
    {},
    { reason: 'truncated', requested: 30n, next: 20n },
  ],
] as const)('an offset that is %s', async (_, known, topic, move) => {
  const position = at(known)
  expect(await position.findPlace(leader(topic))).toEqual(move)
  expect(position.next).toBe(move?.next ?? known.next)
})

test('a leader that does not know the epoch of the records read is a former leader, unless that lasts', async () => {
  const position = at({ next: 30n, topicId: 'one', leaderEpoch: 2 })
  for (let index = 1; index < 100; index++) expect(await position.findPlace(leader())).toBeUndefined()
  expect(await position.findPlace(leader())).toEqual({ reason: 'truncated', requested: 30n, next: 20n })
})

test('a topic that is created again is recognised by its id, and reported only once', async () => {
  const position = at({ next: 10n, leaderEpoch: 0, topicId: 'one' })
  expect(await position.checkTopic(leader({ id: 'one' }))).toBeUndefined()
  expect(await position.checkTopic(leader({ id: 'two' }))).toEqual({ reason: 'topic-made-anew', requested: 10n, next: 0n })
  expect(await position.checkTopic(leader({ id: 'two' }))).toBeUndefined()
  expect(position).toMatchObject({ next: 0n, leaderEpoch: undefined, topicId: 'two' })
})

test('the id counts once a fetch has succeeded: before, the offset may come from an earlier topic', async () => {
  const position = at({ next: 10n })
  await position.checkTopic(leader({ id: 'one' }))
  expect(position.topicId).toBeUndefined()
  position.advance({ nextOffset: 10n, lastLeaderEpoch: undefined })
  expect(position.topicId).toBe('one')
})

test('brokers without topic ids do not look like another topic', async () => {
  const position = at({ next: 10n, topicId: 'one' })
  expect(await position.checkTopic(leader({ id: undefined }))).toBeUndefined()
})

test('a seek during a request is not overridden', async () => {
  const position = at({ next: 2n, leaderEpoch: 1, topicId: 'one' })
  const questions = leader({ low: 5n, id: 'two', ends: { 1: [1, 1n] } })
  const checks = [position.findPlace(questions), position.checkTopic(questions), position.checkEpoch({ firstLeaderEpoch: 2 }, questions)]
  position.seek(8n)
  expect(await Promise.all(checks)).toEqual([undefined, undefined, undefined])
  expect(position.next).toBe(8n)
})

test.each([
  ['nothing was lost', { 2: [2, 10n] }, 'one', undefined],
  ['just as many records were lost as are new', { 2: [2, 7n] }, 'one', { reason: 'truncated', requested: 10n, next: 7n }],
  ['the topic is another one', { 2: [2, 7n] }, 'two', { reason: 'topic-made-anew', requested: 10n, next: 0n }],
] as const)('after trouble the partition is looked at although nothing new is in it: %s', async (_, ends, id, move) => {
  const position = at({ next: 10n, leaderEpoch: 2, topicId: 'one' })
  expect(await position.confirm(leader({ high: 10n, id, ends: ends as never }))).toEqual(move)
})
