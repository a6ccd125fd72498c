import { expect, test } from 'vitest'
import { sizeOf } from '../../../../src/kafka/wire/records.ts'

test('the size of a record covers its key, value and headers', () => {
  const record = { key: 'ä', value: Buffer.alloc(100), headers: { name: 'value' } }
  expect(sizeOf(record)).toBe(32 + 2 + 100 + 4 + 4 + 5)
})
