import { expect, test } from 'vitest'
import { FETCH, type FetchRequest } from '../../../../../src/kafka/wire/api/fetch.ts'
import { BytesReader } from '../../../../../src/kafka/wire/bytes/bytes-reader.ts'
import { BytesWriter } from '../../../../../src/kafka/wire/bytes/bytes-writer.ts'
import { record, stored } from '../batches.ts'

interface Part {
  readonly partition: number
  readonly bytes: Buffer
  readonly errorCode?: number
  readonly lastStableOffset?: bigint
}

/** What a broker answers. */
function response(topics: Record<string, readonly Part[]>, throttledMs = 0): Buffer {
  const writer = new BytesWriter()
  writer.int32(throttledMs).int16(0).int32(0)
  writer.array(Object.entries(topics), ([topic, parts]) =>
    writer
      .string(topic)
      .array(parts, ({ partition, bytes, errorCode = 0, lastStableOffset = 9n }) =>
        writer.int32(partition).int16(errorCode).int64(9n).int64(lastStableOffset).int64(1n).int32(-1).int32(bytes.length).bytes(bytes),
      ),
  )
  return writer.written()
}

const ask = (...partitions: [topic: string, partition: number, offset: bigint][]): FetchRequest => ({
  partitions: partitions.map(([topic, partition, offset]) => ({ topic, partition, offset, maxBytes: 1000 })),
  maxWaitMs: 250,
  maxBytes: 5000,
})
const batch = (firstOffset: bigint, value: string) => stored({ firstOffset, records: [record(value)] })
const NOTHING = Buffer.alloc(0)

test('a request names each topic once and asks for committed records', () => {
  const reader = new BytesReader(FETCH.encode(ask(['a', 0, 5n], ['b', 0, 6n], ['a', 1, 7n]), 10))
  expect([reader.int32(), reader.int32(), reader.int32(), reader.int32(), reader.int8()]).toEqual([-1, 250, 1, 5000, 1])
  expect([reader.int32(), reader.int32()]).toEqual([0, -1]) // no session
  const topics = reader.array(() => [
    reader.string(),
    reader.array(() => [reader.int32(), reader.int32(), reader.int64(), reader.int64(), reader.int32()]),
  ])
  expect(topics).toEqual([
    [
      'a',
      [
        [0, -1, 5n, -1n, 1000],
        [1, -1, 7n, -1n, 1000],
      ],
    ],
    ['b', [[0, -1, 6n, -1n, 1000]]],
  ])
  expect([reader.int32(), reader.left]).toEqual([0, 0])
})

test('an answer for several partitions of several topics; the error of one affects only that one', async () => {
  const body = response({
    a: [
      { partition: 0, bytes: batch(5n, 'a0') },
      { partition: 1, bytes: NOTHING, errorCode: 6 },
    ],
    b: [{ partition: 0, bytes: Buffer.concat([batch(6n, 'b0'), batch(7n, 'b1')]) }],
  })
  const { answer } = await FETCH.decode(body, ask(['a', 0, 5n], ['a', 1, 3n], ['b', 0, 7n]))
  const short = answer.map((part) => [
    part.topic,
    part.partition,
    part.errorCode,
    part.nextOffset,
    part.records.map(({ value }) => `${value}`),
  ])
  expect(short).toEqual([
    ['a', 0, 0, 6n, ['a0']],
    ['a', 1, 6, 3n, []],
    ['b', 0, 0, 8n, ['b1']],
  ])
  expect(answer[0]).toMatchObject({ highWatermark: 9n, lastStableOffset: 9n, logStartOffset: 1n })
})

test('an answer that a quota has emptied gives the pause', async () => {
  expect(await FETCH.decode(response({}, 1234), ask(['a', 0, 5n]))).toEqual({ throttledMs: 1234, answer: [] })
})

test('an empty answer below the end means that no record exists: compaction has removed the last records with their batches', async () => {
  const { answer } = await FETCH.decode(response({ a: [{ partition: 0, bytes: NOTHING }] }), ask(['a', 0, 5n]))
  expect(answer[0]?.nextOffset).toBe(9n)
})

test('a partition without records next to one with records may have found no room in the answer', async () => {
  const body = response({
    a: [
      { partition: 0, bytes: batch(5n, 'a0') },
      { partition: 1, bytes: NOTHING },
    ],
  })
  const { answer } = await FETCH.decode(body, ask(['a', 0, 5n], ['a', 1, 3n]))
  expect(answer[1]?.nextOffset).toBe(3n)
})

test('at an open transaction the position stays', async () => {
  const { answer } = await FETCH.decode(response({ a: [{ partition: 0, bytes: NOTHING, lastStableOffset: 5n }] }), ask(['a', 0, 5n]))
  expect(answer[0]?.nextOffset).toBe(5n)
})
