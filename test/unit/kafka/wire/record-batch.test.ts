import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { encodeProduceBody, type ProduceRequest } from '../../../../src/kafka/client/produce-request.ts'
import type { OutgoingRecord } from '../../../../src/kafka/record.ts'
import { encodeRecordBatch } from '../../../../src/kafka/wire/record-batch.ts'
import { fc } from '../../../support/properties.ts'

interface Decoded {
  readonly firstOffset: string
  readonly firstTimestamp: string
  readonly maxTimestamp: string
  readonly producerId: string
  readonly producerEpoch: number
  readonly firstSequence: number
  readonly lastOffsetDelta: number
  readonly records: readonly { key: Buffer | null; value: Buffer | null; headers: Record<string, Buffer>; offset: string }[]
}

const require = createRequire(import.meta.url)
const Decoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => unknown
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder') as (decoder: unknown) => Promise<Decoded>
const produceOfKafkajs = require('kafkajs/src/protocol/requests/produce/v7/request') as (request: object) => {
  encode: () => Promise<{ buffer: Buffer }>
}

const TIMESTAMP = 1_700_000_000_123
const identity = { producerId: '9007199254740993', producerEpoch: 3 }

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((each) => Buffer.from(each))
const header = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((name) => !(name in {}))
const record: fc.Arbitrary<OutgoingRecord> = fc.record({
  key: fc.option(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 90 }), bytes(90))),
  value: fc.option(bytes(300)),
  headers: fc.dictionary(header, fc.string({ unit: 'grapheme', maxLength: 200 }), { noNullPrototype: true, maxKeys: 9 }),
})

/** What kafkajs itself makes of the same request. */
async function byKafkajs({ topic, partition, firstSequence, records }: ProduceRequest): Promise<Buffer> {
  const messages = records.map(({ key, value, headers }) => ({ key, value, headers, timestamp: TIMESTAMP }))
  const topicData = [{ topic, partitions: [{ partition, firstSequence, messages }] }]
  return (await produceOfKafkajs({ acks: -1, timeout: 2500, ...identity, compression: 0, topicData }).encode()).buffer
}

test('a batch of two records has these bytes', () => {
  const records = [
    { key: 'k', value: Buffer.from('v'), headers: { type: 'block' } },
    { key: null, value: null, headers: {} },
  ]
  const bytes = encodeRecordBatch(records, { identity: { producerId: '7', producerEpoch: 1 }, firstSequence: 5, timestamp: 1000 })
  expect(bytes.toString('hex')).toBe(
    [
      '0000000000000000', // first offset
      '0000004c', // length of what follows
      '00000000', // leader's epoch
      '02', // magic
      '14667b88', // checksum (CRC-32C)
      '0000', // attributes
      '00000001', // last offset, from the first one
      '00000000000003e8', // first timestamp
      '00000000000003e8', // greatest timestamp
      '0000000000000007', // producer id
      '0001', // its epoch
      '00000005', // first sequence number
      '00000002', // records
      '26 000000 026b 0276 02 0874797065 0a626c6f636b',
      '0c 000002 01 01 00',
    ]
      .join('')
      .replaceAll(' ', ''),
  )
})

test("kafkajs's own decoder reads a batch back unchanged", async () => {
  const records = [
    { key: 'ключ', value: Buffer.alloc(20_000, 1), headers: { type: 'block', 'peer-id': '', name: 'ä€😀' } },
    { key: null, value: null, headers: {} },
    { key: '', value: Buffer.alloc(0), headers: { '': 'x' } },
  ]
  const decoded = await decodeBatch(new Decoder(encodeRecordBatch(records, { identity, firstSequence: 2 ** 31 - 1, timestamp: TIMESTAMP })))
  expect(decoded).toMatchObject({ firstOffset: '0', firstTimestamp: `${TIMESTAMP}`, maxTimestamp: `${TIMESTAMP}`, ...identity })
  expect(decoded).toMatchObject({ firstSequence: 2 ** 31 - 1, lastOffsetDelta: 2 })
  const texts = decoded.records.map(({ headers }) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `${value}`])))
  expect(texts).toEqual(records.map(({ headers }) => headers))
  expect(decoded.records.map(({ key }) => key?.toString() ?? null)).toEqual(['ключ', null, ''])
  expect(decoded.records.map(({ value }) => value)).toEqual(records.map(({ value }) => value))
})

test('a request has the same bytes as that of kafkajs', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 150 }), fc.nat(2 ** 31 - 1), async (records, firstSequence) => {
      const request = { topic: 'a.topic-ü', partition: 2, identity, firstSequence, records }
      expect(encodeProduceBody(request, TIMESTAMP).equals(await byKafkajs(request))).toBe(true)
    }),
    { numRuns: 60 },
  )
})
