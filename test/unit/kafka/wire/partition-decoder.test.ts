import { expect, test } from 'vitest'
import { MAX_BATCH_RECORDS } from '../../../../src/kafka/wire/batch-decoder.ts'
import { DecodeBudget } from '../../../../src/kafka/wire/decode-budget.ts'
import { CONTROL, decode, GZIP, LOG_APPEND_TIME, marker, record, stored, TRANSACTIONAL } from './batches.ts'

const values = ({ records }: Awaited<ReturnType<typeof decode>>) => records.map(({ value }) => `${value}`)

test('records below the requested offset are left out, and so is a last batch that is cut off', async () => {
  const batches = [
    stored({ firstOffset: 10n, records: ['a', 'b', 'c'].map(record) }),
    stored({ firstOffset: 13n, records: [record('d')] }),
    stored({ firstOffset: 14n, records: [record('e')] }).subarray(0, -1),
  ]
  const decoded = await decode(batches, { from: 11n })
  expect(values(decoded)).toEqual(['b', 'c', 'd'])
  expect(decoded.records.map(({ offset }) => offset)).toEqual([11n, 12n, 13n])
  expect(decoded.nextOffset).toBe(14n)
})

test.each([
  ['whose last records were compacted away', stored({ firstOffset: 5n, records: [record('a')], lastOffsetDelta: 9 }), ['a'], 15n],
  ['that compaction has emptied', stored({ firstOffset: 5n, lastOffsetDelta: 3 }), [], 9n],
  ['that holds a commit marker', marker(5n, 1n, 'commit'), [], 6n],
])('a batch %s is passed completely', async (_, batch, expected, next) => {
  const decoded = await decode(batch, { from: 5n })
  expect(values(decoded)).toEqual(expected)
  expect(decoded.nextOffset).toBe(next)
})

test('an offset after the last record of a batch, among the compacted ones, moves to the end of the batch', async () => {
  const decoded = await decode(stored({ firstOffset: 5n, records: [record('a')], lastOffsetDelta: 9 }), { from: 12n })
  expect(decoded).toMatchObject({ records: [], nextOffset: 15n })
})

test('overlapping transactions that are aborted in reverse order, and a committed one, are distinguished', async () => {
  const [first, second, third] = [1n, 2n, 3n]
  const of = (firstOffset: bigint, producerId: bigint, value: string) =>
    stored({ firstOffset, producerId, attributes: TRANSACTIONAL, records: [record(value)] })
  const batches = [
    of(0n, first, 'first, aborted last'),
    of(1n, second, 'second, aborted first'),
    of(2n, third, 'committed'),
    marker(3n, second, 'abort'),
    of(4n, first, 'first again'),
    marker(5n, third, 'commit'),
    of(6n, second, 'second, a new transaction'),
    marker(7n, first, 'abort'),
    of(8n, first, 'first, a new transaction'),
    stored({ firstOffset: 9n, records: [record('of no transaction')] }),
  ]
  const aborted = [
    { producerId: second, firstOffset: 1n }, // by their ends, as brokers list them
    { producerId: first, firstOffset: 0n },
  ]
  const decoded = await decode(batches, { aborted })
  expect(values(decoded)).toEqual(['committed', 'second, a new transaction', 'first, a new transaction', 'of no transaction'])
  expect(decoded.nextOffset).toBe(10n)
})

test('a record outside transactions is never aborted, whatever its producer', async () => {
  const decoded = await decode(stored({ firstOffset: 0n, producerId: 1n, records: [record('a')] }), {
    aborted: [{ producerId: 1n, firstOffset: 0n }],
  })
  expect(values(decoded)).toEqual(['a'])
})

test('a control batch with a meaningless key ends no transaction and is not a record', async () => {
  const broken = stored({
    firstOffset: 1n,
    producerId: 1n,
    attributes: TRANSACTIONAL | CONTROL,
    section: Buffer.from([2, 0]),
    recordCount: 1,
  })
  const later = stored({ firstOffset: 2n, producerId: 1n, attributes: TRANSACTIONAL, records: [record('a')] })
  const decoded = await decode([broken, later], { aborted: [{ producerId: 1n, firstOffset: 0n }] })
  expect(decoded).toMatchObject({ records: [], nextOffset: 3n })
})

test('returns the leader epochs of the first and the last decoded batch', async () => {
  const batches = [
    stored({ firstOffset: 0n, records: [record('below')], leaderEpoch: 2 }),
    stored({ firstOffset: 1n, records: [record('a')], leaderEpoch: 4 }),
    stored({ firstOffset: 2n, records: [record('b')], leaderEpoch: 5 }),
  ]
  expect(await decode(batches, { from: 1n })).toMatchObject({ firstLeaderEpoch: 4, lastLeaderEpoch: 5 })
  expect(await decode([])).toMatchObject({ firstLeaderEpoch: undefined, lastLeaderEpoch: undefined, nextOffset: 0n })
})

test.each([
  ['negative', -9_000_000_000_000_000n],
  ['in nanoseconds', 1_700_000_000_000_000_000n],
  ['none', -1n],
])('a timestamp that is %s is delivered as the nearest number', async (_, timestamp) => {
  const { records } = await decode(stored({ firstOffset: 0n, records: [record('a')], firstTimestamp: timestamp }))
  expect(records[0]?.timestamp).toBe(Number(timestamp))
})

test('with LogAppendTime all records have the time of the batch', async () => {
  const batch = stored({ firstOffset: 0n, records: [record('a'), record('b')], attributes: LOG_APPEND_TIME, maxTimestamp: 77n })
  expect((await decode(batch)).records.map(({ timestamp, isProducerTime }) => [timestamp, isProducerTime])).toEqual([
    [77, false],
    [77, false],
  ])
})

test('offsets beyond 2^53 are exact', async () => {
  const firstOffset = 2n ** 62n + 1n
  const { records } = await decode(stored({ firstOffset, records: [record('a'), record('b')] }), { from: firstOffset })
  expect(records.map(({ offset }) => offset)).toEqual([firstOffset, firstOffset + 1n])
})

const sectionOf = (...values: string[]) => stored({ firstOffset: 0n, records: values.map(record) }).subarray(61)

test.each([
  ['holds no records', { section: Buffer.from('junk'), recordCount: 1 }],
  ['holds fewer records than its header says', { section: sectionOf('a'), recordCount: 2, lastOffsetDelta: 1 }],
  ['holds more records than its header says', { section: sectionOf('a', 'b'), recordCount: 1, lastOffsetDelta: 1 }],
  ['holds an offset after its end', { section: sectionOf('a', 'b'), recordCount: 2, lastOffsetDelta: 0 }],
  ['says that it holds a negative number of records', { section: sectionOf('a'), recordCount: -1 }],
  ['holds more records than the limit', { section: sectionOf('a'), recordCount: MAX_BATCH_RECORDS + 1 }],
  ['is not compressed as its header says', { section: sectionOf('a'), recordCount: 1, attributes: 2 }],
  ['has an unknown compression', { section: sectionOf('a'), recordCount: 1, attributes: 6 }],
])('a batch that %s is reported, and the batches around it are read', async (_, broken) => {
  const bad = stored({ lastOffsetDelta: 2, ...broken, firstOffset: 1n })
  const behind = 1n + BigInt(bad.readInt32BE(23)) + 1n
  const decoded = await decode([
    stored({ firstOffset: 0n, records: [record('before')] }),
    bad,
    stored({ firstOffset: behind, records: [record('behind')] }),
  ])
  expect(values(decoded)).toEqual(['before', 'behind'])
  expect(decoded.undecodable).toMatchObject([
    { firstOffset: 1n, lastOffset: behind - 1n, records: Math.max(1, bad.readInt32BE(57)), bytes: bad },
  ])
  expect(decoded.nextOffset).toBe(behind + 1n)
})

test('an undecodable batch is reported from the requested offset on', async () => {
  const bad = stored({ firstOffset: 0n, lastOffsetDelta: 9, section: Buffer.from('junk'), recordCount: 1 })
  expect((await decode(bad, { from: 4n })).undecodable).toMatchObject([{ firstOffset: 4n, lastOffset: 9n, codec: 'uncompressed' }])
})

test('records in the format from before Kafka 0.11 are reported one by one', async () => {
  const old = (offset: number) =>
    Buffer.from(
      `00000000000000${offset.toString(16).padStart(2, '0')} 00000010 00000000 00 00 ffffffff 00000002 7676`.replaceAll(' ', ''),
      'hex',
    )
  const decoded = await decode([old(2), old(3), old(5)], { from: 3n })
  expect(decoded.undecodable.map(({ firstOffset, lastOffset }) => [firstOffset, lastOffset])).toEqual([
    [3n, 3n],
    [4n, 5n],
  ])
  expect(decoded.nextOffset).toBe(6n)
})

test('a batch with a broken length ends the answer, and the position moves on', async () => {
  const bad = stored({ firstOffset: 4n, records: [record('a')] })
  bad.writeInt32BE(-12, 8)
  const decoded = await decode([stored({ firstOffset: 3n, records: [record('before')] }), bad], { from: 3n })
  expect(values(decoded)).toEqual(['before'])
  expect(decoded.nextOffset).toBe(5n)
})

test('records beyond the budget are read with the next answers, all of them and none twice', async () => {
  const batch = stored({ firstOffset: 0n, records: Array.from({ length: 250 }, (_, index) => record(`${index}`)), attributes: GZIP })
  const all: string[] = []
  let answers = 0
  for (let from = 0n; from < 250n; answers += 1) {
    const budget = Object.assign(new DecodeBudget(), { records: 100 })
    const decoded = await decode(batch, { from }, budget)
    all.push(...values(decoded))
    from = decoded.nextOffset
  }
  expect(all).toEqual(Array.from({ length: 250 }, (_, index) => `${index}`))
  expect(answers).toBe(3)
})

const twentyMegabytes = stored({ firstOffset: 0n, records: [record('x'.repeat(20 << 20))], attributes: GZIP })

test('batches that decompress to far more bytes are decoded a few at a time', async () => {
  const batches = [0n, 1n, 2n].map((firstOffset) => {
    const batch = Buffer.from(twentyMegabytes)
    batch.writeBigInt64BE(firstOffset, 0)
    return batch
  })
  const decoded = await decode(batches)
  expect(decoded.records).toHaveLength(2)
  expect(decoded.nextOffset).toBe(2n)
})

test('a million empty records in a few bytes do not block the event loop', async () => {
  const one = Buffer.from([12, 0, 0, 0, 1, 1, 0])
  const count = 300_000
  const section = Buffer.concat(Array.from({ length: count }, (_, index) => emptyRecord(index)))
  expect(emptyRecord(0)).toEqual(one)
  const batch = stored({ firstOffset: 0n, section, recordCount: count, lastOffsetDelta: count - 1, attributes: GZIP })
  let turns = 0
  let isDecoding = true
  const countTurns = () => {
    turns += 1
    if (isDecoding) setImmediate(countTurns)
  }
  setImmediate(countTurns)
  const decoded = await decode(batch, { from: 0n })
  isDecoding = false
  expect(decoded.records).toHaveLength(20_000)
  expect(decoded.nextOffset).toBe(20_000n)
  expect(turns).toBeGreaterThan(5)
})

/** No key, no value, no headers: the least that a record takes. */
function emptyRecord(delta: number): Buffer {
  const digits: number[] = []
  for (let rest = delta * 2; ; rest = Math.floor(rest / 128)) {
    digits.push(rest >= 128 ? (rest % 128) | 128 : rest)
    if (rest < 128) break
  }
  const body = Buffer.from([0, 0, ...digits, 1, 1, 0])
  return Buffer.concat([Buffer.from([body.length * 2]), body])
}
