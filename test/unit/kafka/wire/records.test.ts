import { expect, test } from 'vitest'
import { sizeOf, toKafkaRecord } from '../../../../src/kafka/wire/records.ts'

const message = { key: Buffer.from('k'), value: null, timestamp: '1700000000000', attributes: 0, offset: '9007199254740993' }

test('offsets beyond 2^53, tombstones and repeated headers survive', () => {
  const record = toKafkaRecord('t', 3, {
    ...message,
    headers: { one: Buffer.from('1'), many: [Buffer.from('a'), Buffer.from('b')], none: undefined },
  })
  expect(record).toMatchObject({ topic: 't', partition: 3, offset: 9007199254740993n, value: null, timestamp: 1700000000000 })
  expect({ ...record.headers }).toEqual({ one: '1', many: 'b' })
})

test('a header name cannot reach into objects', () => {
  const headers = JSON.parse('{"__proto__": "x", "constructor": "y"}') as Record<string, string>
  const record = toKafkaRecord('t', 0, { ...message, headers })
  expect(Object.keys(record.headers).sort()).toEqual(['__proto__', 'constructor'])
  expect(({} as { x?: string }).x).toBeUndefined()
})

test('the size of a record covers its key, value and headers', () => {
  const record = { key: 'ä', value: Buffer.alloc(100), headers: { name: 'value' } }
  expect(sizeOf(record)).toBe(32 + 2 + 100 + 4 + 4 + 5)
})
