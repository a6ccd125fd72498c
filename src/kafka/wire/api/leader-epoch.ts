import { BytesReader } from '../bytes/bytes-reader.ts'
import { BytesWriter } from '../bytes/bytes-writer.ts'
import { type Api, byTopic, CLIENT, type PartitionName } from './api.ts'

export interface LeaderEpochPartition extends PartitionName {
  readonly leaderEpoch: number
}

export interface LeaderEpochEnd extends PartitionName {
  readonly errorCode: number
  /** The greatest epoch in the leader's log that is not above the requested one; -1 without any. */
  readonly leaderEpoch: number
  /** Where that epoch ends in the leader's log: the first offset of the next one, or the log's end; -1 when unknown. */
  readonly endOffset: bigint
}

const UNKNOWN = -1

/** Ends of leader epochs in the log of the leader: a reader beyond the end has read records that no longer exist (KIP-320). */
export const OFFSET_FOR_LEADER_EPOCH: Api<readonly LeaderEpochPartition[], LeaderEpochEnd[]> = {
  key: 23,
  name: 'OffsetForLeaderEpoch',
  versions: [2, 3],
  encode(partitions, version) {
    const writer = new BytesWriter()
    if (version >= 3) writer.int32(CLIENT)
    writer.array(byTopic(partitions), ([topic, ofTopic]) =>
      writer.string(topic).array(ofTopic, ({ partition, leaderEpoch }) =>
        writer
          .int32(partition)
          .int32(UNKNOWN) // current epoch
          .int32(leaderEpoch),
      ),
    )
    return writer.written()
  },
  async decode(body) {
    const reader = new BytesReader(body)
    const throttledMs = reader.int32()
    const topics = reader.array(() => {
      const topic = reader.string() ?? ''
      return reader.array(() => {
        const [errorCode, partition] = [reader.int16(), reader.int32()]
        return { topic, partition, errorCode, leaderEpoch: reader.int32(), endOffset: reader.int64() }
      })
    })
    return { throttledMs, answer: topics.flat() }
  },
}
