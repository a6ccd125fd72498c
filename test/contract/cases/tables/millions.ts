import { gzipSync } from 'node:zlib'
import { CHECKED_FROM, CHECKSUM_AT } from '../../../../src/kafka/wire/batch-header.ts'
import { BytesWriter, varintSize } from '../../../../src/kafka/wire/bytes/bytes-writer.ts'
import { crc32c } from '../../../../src/kafka/wire/bytes/crc32c.ts'
import { encodeRecordBatch } from '../../../../src/kafka/wire/record-batch.ts'
import type { Case } from '../case.ts'

const MILLION = 1_000_000
const LARGE = { 'max.message.bytes': `${16 << 20}` }

/** One compressed batch of a million records, all with the same key and value: a small request with very many records. */
function million(key: string | null, value: string | null): Buffer {
  const field = (text: string | null) =>
    text === null ? new BytesWriter().varint(-1) : new BytesWriter().varint(text.length).utf8(text, text.length)
  const fields = Buffer.concat([field(key).written(), field(value).written(), Buffer.from([0])]) // no headers
  const writer = new BytesWriter(24 * MILLION)
  for (let delta = 0; delta < MILLION; delta++) {
    writer
      .varint(2 + varintSize(delta) + fields.length)
      .int8(0)
      .varint(0)
      .varint(delta)
      .bytes(fields)
  }
  const identity = { producerId: '-1', producerEpoch: -1 }
  const empty = encodeRecordBatch([], { identity, firstSequence: -1, timestamp: Date.now() })
  const batch = Buffer.concat([empty, gzipSync(writer.written())])
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt16BE(1, 21) // gzip
  batch.writeInt32BE(MILLION - 1, 23)
  batch.writeInt32BE(MILLION, 57)
  batch.writeUInt32BE(crc32c(batch.subarray(CHECKED_FROM)), CHECKSUM_AT)
  return batch
}

function oneBatch(what: string, key: string | null, value: string | null): Case {
  return {
    name: `a batch of a million ${what} records`,
    config: LARGE,
    steps: [
      {
        change: async ({ name, cluster }) => {
          await cluster.produceRaw(name, million(key, value))
          await cluster.produce(name, ['behind'])
        },
        delivers: [...Array.from({ length: MILLION }, () => `${key}`), 'behind'],
        ends: BigInt(MILLION + 1),
        withinMs: 200_000,
      },
    ],
  }
}

export const MILLIONS: readonly Case[] = [oneBatch('empty', null, null), oneBatch('tiny', 'k', 'v')]
