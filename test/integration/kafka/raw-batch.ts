import { gzipSync } from 'node:zlib'
import { PartitionLink } from '../../../src/kafka/client/partition-link.ts'
import { sendRequest } from '../../../src/kafka/client/raw-request.ts'
import { TopicLink } from '../../../src/kafka/client/topic-link.ts'
import type { OutgoingRecord } from '../../../src/kafka/record.ts'
import type { Api } from '../../../src/kafka/wire/api/api.ts'
import { BATCH_HEADER_BYTES, CHECKED_FROM, CHECKSUM_AT } from '../../../src/kafka/wire/batch-header.ts'
import { BytesReader } from '../../../src/kafka/wire/bytes/bytes-reader.ts'
import { BytesWriter } from '../../../src/kafka/wire/bytes/bytes-writer.ts'
import { crc32c } from '../../../src/kafka/wire/bytes/crc32c.ts'
import { encodeRecordBatch } from '../../../src/kafka/wire/record-batch.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { eventually } from '../../support/eventually.ts'
import { connection } from './parts.ts'

export interface RawBatch {
  readonly records: readonly OutgoingRecord[]
  readonly timestamp?: number
  readonly isGzipped?: boolean
  /** The records as bytes, in place of `records`. */
  readonly section?: { readonly bytes: Buffer; readonly count: number }
}

const GZIP = 1
const NO_PRODUCER = { producerId: '-1', producerEpoch: -1 }

/** A batch as no well-behaved producer would write it, yet as brokers take it. */
export function rawBatch({ records, timestamp = Date.now(), isGzipped = false, section }: RawBatch): Buffer {
  const plain = encodeRecordBatch(records, { identity: NO_PRODUCER, firstSequence: -1, timestamp })
  const raw = section?.bytes ?? plain.subarray(BATCH_HEADER_BYTES)
  const batch = Buffer.concat([plain.subarray(0, BATCH_HEADER_BYTES), isGzipped ? gzipSync(raw) : raw])
  const count = section?.count ?? records.length
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt16BE(isGzipped ? GZIP : 0, 21)
  batch.writeInt32BE(count - 1, 23)
  batch.writeInt32BE(count, 57)
  batch.writeUInt32BE(crc32c(batch.subarray(CHECKED_FROM)), CHECKSUM_AT)
  return batch
}

interface ProduceRaw {
  readonly topic: string
  readonly batch: Buffer
}

const PRODUCE: Api<ProduceRaw, number> = {
  key: 0,
  name: 'Produce',
  versions: [7],
  encode({ topic, batch }) {
    const head = new BytesWriter().int16(-1).int16(-1).int32(10_000).int32(1).string(topic)
    return head.int32(1).int32(0).int32(batch.length).bytes(batch).written()
  },
  async decode(body) {
    const reader = new BytesReader(body)
    const [topic] = reader.array(() => {
      reader.string()
      const [partition] = reader.array(() => {
        reader.int32()
        const errorCode = reader.int16()
        reader.skip(24) // base offset, time, log start
        return errorCode
      })
      return partition
    })
    return { throttledMs: reader.int32(), answer: topic ?? -1 }
  },
}

/** Writes batches to partition 0, as they are. */
export async function produceRaw(topic: string, ...batches: Buffer[]): Promise<void> {
  const link = new TopicLink({ topic }, { clock: SYSTEM_CLOCK, kafka: connection() })
  try {
    for (const batch of batches) {
      const partition = new PartitionLink({ topic, partition: 0 }, { link })
      const { high } = await partition.bounds()
      const { broker } = await link.leader(0)
      const answer = await sendRequest(broker, PRODUCE, { topic, batch }).then(
        (answered) => answered.answer,
        async (error: Error) => {
          // A busy broker may need longer for a million records than the client waits for its answer.
          if (error.name !== 'KafkaJSRequestTimeoutError') throw error
          await eventually(async () => (await partition.bounds()).high > high, { timeoutMs: 60_000 })
          return 0
        },
      )
      if (answer !== 0) throw new Error(`the broker refused a batch with error ${answer}`)
    }
  } finally {
    await link.close()
  }
}
