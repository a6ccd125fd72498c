import { createRequire } from 'node:module'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { registerCodecs } from '../../../../src/kafka/client/codecs.ts'
import { patchFetchResponse } from '../../../../src/kafka/client/patches/fetch-response-patch.ts'
import type { OutgoingRecord } from '../../../../src/kafka/record.ts'
import { encodeRecordBatch } from '../../../../src/kafka/wire/record-batch.ts'
import { type DecodedMessage, decodeRecordBatches } from '../../../../src/kafka/wire/record-decoder.ts'

const require = createRequire(import.meta.url)
const Decoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => unknown
const Encoder = require('kafkajs/src/protocol/encoder') as new () => Encoder
const decodeByKafkajs = require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages') as (decoder: unknown) => Promise<DecodedMessage[]>
const responseOf = (version: number) =>
  require(`kafkajs/src/protocol/requests/fetch/v${version}/response`) as { decode(bytes: Buffer): Promise<unknown> }
const decodersOfKafkajs = new Map([10, 11].map((version) => [version, responseOf(version).decode]))

interface Encoder {
  readonly buffer: Buffer
  writeInt16(value: number): Encoder
  writeInt32(value: number): Encoder
  writeInt64(value: number): Encoder
  writeString(text: string): Encoder
  writeBuffer(bytes: Buffer): Encoder
}

const GZIP = 1
const LOG_APPEND_TIME = 8
const TRANSACTIONAL = 16
const CONTROL = 32

beforeAll(registerCodecs)

const record: fc.Arbitrary<OutgoingRecord> = fc.record({
  key: fc.option(fc.string({ unit: 'grapheme', maxLength: 20 })),
  value: fc.option(fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))),
  headers: fc.dictionary(
    fc.string({ maxLength: 9 }).filter((name) => !(name in {})), // kafkajs takes those for what objects inherit
    fc.string({ unit: 'grapheme', maxLength: 70 }),
    { noNullPrototype: true, maxKeys: 5 },
  ),
})
const batch = fc.record({
  records: fc.array(record, { minLength: 1, maxLength: 70 }),
  attributes: fc.subarray([LOG_APPEND_TIME, TRANSACTIONAL, CONTROL, GZIP]).map((bits) => bits.reduce((sum, bit) => sum | bit, 0)),
  firstOffset: fc.bigInt(0n, 2n ** 62n),
})

/** A batch as a broker gives it out. */
function stored({ records, attributes, firstOffset }: { records: OutgoingRecord[]; attributes: number; firstOffset: bigint }): Buffer {
  const identity = { producerId: '9007199254740993', producerEpoch: 0 }
  const plain = encodeRecordBatch(records, { identity, firstSequence: 0, timestamp: 1_700_000_000_000 })
  const section = plain.subarray(61)
  const bytes = attributes & GZIP ? Buffer.concat([plain.subarray(0, 61), gzipSync(section)]) : plain
  bytes.writeBigInt64BE(firstOffset, 0)
  bytes.writeInt32BE(bytes.length - 12, 8)
  bytes.writeInt16BE(attributes, 21)
  bytes.writeBigInt64BE(1_700_000_009_999n, 35)
  return bytes
}

function sized(bytes: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(bytes.length)
  return Buffer.concat([size, bytes])
}

/** What somebody reads of a record, whatever else kafkajs puts beside it. */
function said(message: DecodedMessage) {
  const { batchContext, headers, ...rest } = message
  const { producerId, inTransaction } = batchContext
  return { ...rest, headers: { ...headers }, batchContext: { producerId, inTransaction } }
}

test('what is decoded is what kafkajs decodes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 4 }), fc.nat(80), async (batches, cutOff) => {
      const bytes = Buffer.concat(batches.map(stored))
      const received = bytes.subarray(0, Math.max(61, bytes.length - cutOff)) // answers end anywhere, but no broker sends less
      const ours = (await decodeRecordBatches(received)).map(said)
      expect(ours).toEqual((await decodeByKafkajs(new Decoder(sized(received)))).map(said))
    }),
    { numRuns: 60 },
  )
})

test('a time that differs from that of the batch, and a header that stands there twice', async () => {
  const bytes = stored({ records: [{ key: null, value: null, headers: { a: '1', b: '2' } }], attributes: 0, firstOffset: 5n })
  const section = Buffer.from('2e 00 ffff9f94c2b40a 00 01 01 06 0261 0231 0261 0232 0261 01'.replaceAll(' ', ''), 'hex')
  const changed = Buffer.concat([bytes.subarray(0, 61), section])
  changed.writeInt32BE(changed.length - 12, 8)
  const [ours] = (await decodeRecordBatches(changed)).map(said)
  expect(ours).toEqual((await decodeByKafkajs(new Decoder(sized(changed)))).map(said)[0])
  expect(ours?.headers).toEqual({ a: [Buffer.from('1'), Buffer.from('2'), null] })
})

test('a record that does not fit into its batch fails the read', async () => {
  const bytes = stored({ records: [{ key: 'key', value: Buffer.alloc(9), headers: {} }], attributes: 0, firstOffset: 0n })
  bytes.writeInt32BE(2, 57) // one record more than there is
  await expect(decodeRecordBatches(bytes)).rejects.toThrow('end inside a record')
})

test('the names of headers do not reach into objects', async () => {
  const headers = JSON.parse('{"__proto__": "x", "toString": "y"}') as Record<string, string>
  const [message] = await decodeRecordBatches(stored({ records: [{ key: null, value: null, headers }], attributes: 0, firstOffset: 0n }))
  expect(Object.keys(message?.headers ?? {})).toEqual(['__proto__', 'toString'])
})

test.each([10, 11])('a response (v%i) with records of several partitions, none, and an old format', async (version) => {
  const bytes = stored({ records: [{ key: 'k', value: Buffer.from('v'), headers: {} }], attributes: 0, firstOffset: 7n })
  const old = Buffer.from('000000000000000300000010 00000000 00 00 ffffffff 00000002 7676'.replaceAll(' ', ''), 'hex')
  const encoder = new Encoder().writeInt32(0).writeInt16(0).writeInt32(0).writeInt32(1).writeString('topic').writeInt32(3)
  for (const [partition, section] of [bytes, Buffer.alloc(0), old].entries()) {
    encoder.writeInt32(partition).writeInt16(0).writeInt64(8).writeInt64(8).writeInt64(0)
    encoder.writeInt32(1).writeInt64(1).writeInt64(2) // an aborted transaction
    if (version >= 11) encoder.writeInt32(-1) // no other replica to read from
    encoder.writeBuffer(sized(section))
  }
  patchFetchResponse()
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as object
  const ours = plain(await responseOf(version).decode(encoder.buffer))
  expect(plain(await decodersOfKafkajs.get(version)?.(encoder.buffer))).toMatchObject(ours)
  expect(ours).toMatchObject({
    responses: [{ partitions: [{ messages: [{ offset: '7' }] }, { messages: [] }, { messages: [{ offset: '3' }] }] }],
  })
})

test('a batch that says that it is shorter than its own header is refused, and not read for ever', async () => {
  const bytes = encodeRecordBatch([{ key: 'a', value: null, headers: {} }], {
    identity: { producerId: '1', producerEpoch: 0 },
    firstSequence: 0,
    timestamp: 0,
  })
  bytes.writeInt32BE(-12, 8)
  await expect(decodeRecordBatches(bytes)).rejects.toThrow('shorter than its own header')
})
