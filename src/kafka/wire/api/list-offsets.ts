import { BytesReader } from '../bytes/bytes-reader.ts'
import { BytesWriter } from '../bytes/bytes-writer.ts'
import { type Api, byTopic, CLIENT, type PartitionName, READ_COMMITTED } from './api.ts'

export interface ListOffsetsPartition extends PartitionName {
  /** In milliseconds since the epoch, or EARLIEST or LATEST. */
  readonly time: number
}

export interface ListedOffset extends PartitionName {
  readonly errorCode: number
  /** Offset of the first record at or after the time; -1 without one. */
  readonly offset: bigint
}

/** The oldest offset that is kept. */
export const EARLIEST = -2
/** The end for readers: the last stable offset, because the request is read_committed. */
export const LATEST = -1

/** Offsets of several partitions of one broker by time. */
export const LIST_OFFSETS: Api<readonly ListOffsetsPartition[], ListedOffset[]> = {
  key: 2,
  name: 'ListOffsets',
  versions: [3],
  encode(partitions) {
    const writer = new BytesWriter()
    writer
      .int32(CLIENT)
      .int8(READ_COMMITTED)
      .array(byTopic(partitions), ([topic, ofTopic]) =>
        writer.string(topic).array(ofTopic, ({ partition, time }) => writer.int32(partition).int64(BigInt(Math.trunc(time)))),
      )
    return writer.written()
  },
  async decode(body) {
    const reader = new BytesReader(body)
    const throttledMs = reader.int32()
    const topics = reader.array(() => {
      const topic = reader.string() ?? ''
      return reader.array(() => {
        const [partition, errorCode] = [reader.int32(), reader.int16()]
        reader.int64() // time of the record
        return { topic, partition, errorCode, offset: reader.int64() }
      })
    })
    return { throttledMs, answer: topics.flat() }
  },
}
