import { expect, test } from 'vitest'
import { murmur2, partitionOf } from '../../../../src/kafka/producer/partitioner.ts'

// The vectors of Java's own org.apache.kafka.common.utils.UtilsTest.
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('hashes %s as Java does', (text, hash) => {
  expect(murmur2(Buffer.from(text))).toBe(hash)
})

test('a key of bytes goes where the same text goes', () => {
  expect(partitionOf(Buffer.from('foobar'), 1000)).toBe(partitionOf('foobar', 1000))
})

test('every key has one of the existing partitions', () => {
  for (let index = 0; index < 1000; index++) {
    const partition = partitionOf(`key-${index}`, 7)
    expect(partition).toBeGreaterThanOrEqual(0)
    expect(partition).toBeLessThan(7)
    expect(partitionOf(`key-${index}`, 7)).toBe(partition)
  }
  expect(partitionOf('', 3)).toBeGreaterThanOrEqual(0)
})
