import { expect, test } from 'vitest'
import { lettersOf } from '../../../src/flows/dead-letter.ts'
import { deadLetters } from '../../../src/flows/dead-letters.ts'
import type { KafkaRecord, OutgoingRecord } from '../../../src/kafka/record.ts'
import { encodeRecordBatch } from '../../../src/kafka/wire/record-batch.ts'
import { sizeOf } from '../../../src/kafka/wire/records.ts'
import { BadInputError } from '../../../src/messages/errors.ts'
import { fc } from '../../support/properties.ts'

const OPTIONS = { bridgeId: 'a', network: 'regtest' }

const timestamp = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(-9_000_000_000_000_000, -1, 0, 8.64e15, 8.64e15 + 1, 2 ** 63, -(2 ** 63), Number.NaN, Number.POSITIVE_INFINITY),
)
const name = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('', 'type', 'reason', 'cut', 'original-topic', '__proto__', 'constructor', 'toString', 'x'.repeat(5000)),
)
const headers = fc
  .array(fc.tuple(name, fc.string({ unit: 'binary', maxLength: 2000 })), { maxLength: 100 })
  .map((entries) => Object.assign(Object.create(null), Object.fromEntries(entries)) as Record<string, string>)
const bytes = fc.option(fc.uint8Array({ maxLength: 3000 }).map((each) => Buffer.from(each)))
const record: fc.Arbitrary<KafkaRecord> = fc.record({
  topic: fc.constant('t'.repeat(249)),
  partition: fc.nat(),
  offset: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  key: bytes,
  value: bytes,
  headers,
  timestamp,
})
const error = fc.oneof(
  fc.string().map((text) => new BadInputError('wrong-shape', text)),
  fc.constantFrom(new Error('x'.repeat(10_000)), Object.create(null), undefined, null, Symbol('odd'), { toString: 5 }),
)

test('the letters of any record can be built and written, and the last one is small', () => {
  fc.assert(
    fc.property(record, error, (bad, why) => {
      const letters = [...lettersOf(OPTIONS, { record: bad, reason: 'wrong-shape', error: why, now: 0 })]
      for (const letter of letters) {
        const batch = encodeRecordBatch([letter], { identity: { producerId: '1', producerEpoch: 0 }, firstSequence: 0, timestamp: 0 })
        expect(batch.length).toBeLessThan(200_000)
        expect(letter.headers).toMatchObject({ type: 'dead-letter', reason: 'wrong-shape', 'original-offset': `${bad.offset}` })
      }
      expect(sizeOf(letters.at(-1) as OutgoingRecord)).toBeLessThan(1200)
    }),
  )
})

test('a topic with a small limit gets a smaller letter: first the value is cut, then headers are dropped, then the key', async () => {
  const bad: KafkaRecord = {
    topic: 'notifications',
    partition: 0,
    offset: 7n,
    key: Buffer.from('k'.repeat(500)),
    value: Buffer.alloc(2 << 20, 1),
    headers: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`h${index}`, 'v'.repeat(600)])),
    timestamp: Number.NaN,
  }
  const written: OutgoingRecord[] = []
  for (const limit of [1 << 20, 50_000, 3000, 1100, 450]) {
    const refused = new Error('too large')
    const write = deadLetters(OPTIONS, {
      send: async (letter) => {
        if (sizeOf(letter) > limit) throw refused
        written.push(letter)
      },
      isRefused: (why) => why === refused,
      now: () => 0,
    })
    expect(await write(bad, new Error('ours '.repeat(90)))).toBe('internal')
  }
  const kept = written.map(({ value, headers: { 'original-header-h0': header, 'original-key': key, error: text } }) => [
    value?.length,
    header !== undefined,
    key !== undefined,
    text !== undefined,
  ])
  expect(kept).toEqual([
    [256 * 1024, true, true, true],
    [16 * 1024, true, true, true],
    [1024, false, true, true],
    [0, false, false, true],
    [0, false, false, false],
  ])
  expect(written[0]?.headers).toMatchObject({ 'original-timestamp': 'NaN', 'original-size': `${2 << 20}`, 'original-headers-cut': '40' })
})

test('a letter that is refused in every form is reported', async () => {
  const refused = new Error('too large')
  const bad: KafkaRecord = { topic: 't', partition: 0, offset: 0n, key: null, value: null, headers: {}, timestamp: 0 }
  const write = deadLetters(OPTIONS, { send: () => Promise.reject(refused), isRefused: () => true, now: () => 0 })
  await expect(write(bad, new Error('x'))).rejects.toBe(refused)
})
