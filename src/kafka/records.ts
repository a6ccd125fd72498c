import type { IHeaders, KafkaMessage } from 'kafkajs'
import type { KafkaRecord, OutgoingRecord } from './record.ts'

/** A record as kafkajs hands it out, in our form. */
export function toKafkaRecord(topic: string, partition: number, message: KafkaMessage): KafkaRecord {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key,
    value: message.value,
    headers: toHeaders(message.headers),
    timestamp: Number(message.timestamp),
  }
}

/** What a record takes in a request, near enough for bounds: key, value and headers with a little for lengths. */
export function sizeOf(record: OutgoingRecord): number {
  let size = 32 + (record.value?.length ?? 0) + (record.key === null ? 0 : Buffer.byteLength(record.key))
  for (const [name, value] of Object.entries(record.headers)) size += 4 + Buffer.byteLength(name) + Buffer.byteLength(value)
  return size
}

/** Without a prototype, since names come from strangers. */
function toHeaders(headers: IHeaders | undefined): Record<string, string> {
  const result: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(headers ?? {})) {
    const last = Array.isArray(value) ? value.at(-1) : value
    if (last !== undefined && last !== null) result[name] = last.toString()
  }
  return result
}
