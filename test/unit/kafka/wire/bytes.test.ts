import { expect, test } from 'vitest'
import { BytesReader } from '../../../../src/kafka/wire/bytes/bytes-reader.ts'
import { BytesWriter, varintSize } from '../../../../src/kafka/wire/bytes/bytes-writer.ts'
import { crc32c } from '../../../../src/kafka/wire/bytes/crc32c.ts'
import { fc } from '../../../support/properties.ts'

test('values are read back as written, however small the initial capacity', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 300 })
  fc.assert(
    fc.property(
      fc.integer(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      text,
      fc.array(fc.nat()),
      (number, big, words, list) => {
        const writer = new BytesWriter(1)
        writer.int32(number).int64(big).varint(number).string(words).compactString(words).int16(-3).int8(-4)
        writer.array(list, (each) => writer.uvarint(each)).uvarint(0)
        const reader = new BytesReader(writer.written())
        expect([reader.int32(), reader.int64(), reader.varint(), reader.string(), reader.compactString()]).toEqual([
          number,
          big,
          number,
          words,
          words,
        ])
        expect([reader.int16(), reader.int8(), reader.array(() => reader.uvarint())]).toEqual([-3, -4, list])
        reader.skipTaggedFields()
        expect(reader.left).toBe(0)
      },
    ),
  )
})

test.each([0, 1, -1, 63, 64, -64, 300, 2 ** 31 - 1, -(2 ** 31)])('the size of %i as a varint', (value) => {
  expect(varintSize(value)).toBe(new BytesWriter().varint(value).written().length)
})

/** A zigzag varint of 64 bits. */
function varlong(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}

test('long numbers are exact up to 2^53 and the nearest beyond', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      const reader = new BytesReader(Buffer.concat([varlong(value), Buffer.from([7])]))
      expect(reader.varlong()).toBe(Number(value))
      expect(reader.int8()).toBe(7)
    }),
  )
  for (const value of [2n ** 53n - 1n, -(2n ** 53n), 2n ** 48n, -(2n ** 48n) - 1n]) {
    expect(new BytesReader(varlong(value)).varlong()).toBe(Number(value))
  }
})

test.each([
  ['a number', Buffer.from([1, 2]), (reader: BytesReader) => reader.int32()],
  ['a varint', Buffer.from([0x80]), (reader: BytesReader) => reader.varint()],
  ['a long number', Buffer.from([0x80]), (reader: BytesReader) => reader.varlong()],
  ['a text', Buffer.from([0, 9, 65]), (reader: BytesReader) => reader.string()],
  ['a varint of six bytes', Buffer.alloc(6, 0x80), (reader: BytesReader) => reader.varint()],
  ['a long number of eleven bytes', Buffer.alloc(11, 0x80), (reader: BytesReader) => reader.varlong()],
  ['a step back', Buffer.from([1, 2]), (reader: BytesReader) => reader.skip(-1)],
])('%s that is cut off or too long is a RangeError', (_, bytes, read) => {
  expect(() => read(new BytesReader(bytes))).toThrow(RangeError)
})

test('the checksum is CRC-32C', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
  expect(crc32c(Buffer.alloc(0))).toBe(0)
})

test('a text is compared where it stands, and read over whether it is that text or not', () => {
  const reader = new BytesReader(Buffer.from('traceparent-x'))
  expect(reader.isNext('traceparent', 11)).toBe(true)
  expect(reader.at).toBe(11)
  expect(reader.isNext('-y', 2)).toBe(false)
  expect(reader.at).toBe(13)
  expect(() => reader.isNext('z', 1)).toThrow(RangeError)
  expect(new BytesReader(Buffer.from('ab')).isNext('a', 2)).toBe(false)
})
