import { createRequire } from 'node:module'
import { decodeRecordBatches, MAGIC, MAGIC_AT } from '../../wire/record-decoder.ts'

const INT32_BYTES = 4

/** kafkajs's reader of a response. */
interface Decoder {
  readonly buffer: Buffer
  readonly offset: number
  readInt16(): number
  readInt32(): number
  readInt64(): { toString(): string }
  readString(): string
  readArray<T>(read: (decoder: Decoder) => T): T[]
  readArrayAsync<T>(read: (decoder: Decoder) => Promise<T>): Promise<T[]>
  readBytes(length: number): Buffer
  canReadBytes(length: number): boolean
}

/**
 * Has kafkajs 2.2.4 decode the records of all its fetches with our decoder, those of consumer groups too. Only for versions 10
 * and 11 of the response, which every broker since Kafka 2.3 speaks, and for records in the format of Kafka 0.11 and later: what
 * is older takes kafkajs's own way. It may run many times.
 */
export function patchFetchResponse(): void {
  const require = createRequire(import.meta.url)
  const DecoderOfKafkajs = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => Decoder
  const decodeOld = require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages') as (decoder: Decoder) => Promise<unknown[]>

  const decodeMessages = async (decoder: Decoder): Promise<readonly unknown[]> => {
    const magic = decoder.buffer[decoder.offset + INT32_BYTES + MAGIC_AT]
    if (magic !== MAGIC) return decodeOld(decoder)
    const size = decoder.readInt32()
    return size > 0 && decoder.canReadBytes(size) ? decodeRecordBatches(decoder.readBytes(size)) : []
  }
  const decodePartition = async (decoder: Decoder, version: number) => ({
    partition: decoder.readInt32(),
    errorCode: decoder.readInt16(),
    highWatermark: `${decoder.readInt64()}`,
    lastStableOffset: `${decoder.readInt64()}`,
    lastStartOffset: `${decoder.readInt64()}`,
    abortedTransactions: decoder.readArray(decodeAbortedTransaction),
    ...(version >= 11 && { preferredReadReplica: decoder.readInt32() }),
    messages: await decodeMessages(decoder),
  })
  const decodeTopic = async (decoder: Decoder, version: number) => ({
    topicName: decoder.readString(),
    partitions: await decoder.readArrayAsync((each) => decodePartition(each, version)),
  })
  for (const version of [10, 11]) {
    const response = require(`kafkajs/src/protocol/requests/fetch/v${version}/response`) as { decode(bytes: Buffer): Promise<unknown> }
    response.decode = async (bytes) => {
      const decoder = new DecoderOfKafkajs(bytes)
      const clientSideThrottleTime = decoder.readInt32()
      const errorCode = decoder.readInt16()
      const sessionId = decoder.readInt32()
      const responses = await decoder.readArrayAsync((each) => decodeTopic(each, version))
      return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses }
    }
  }
}

function decodeAbortedTransaction(decoder: Decoder) {
  return { producerId: `${decoder.readInt64()}`, firstOffset: `${decoder.readInt64()}` }
}
