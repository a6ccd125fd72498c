import type { IHeaders, KafkaMessage } from 'kafkajs'
import type { KafkaRecord, OutgoingRecord } from '../record.ts'

/** A record as kafkajs hands it out, in our form. */
export function toKafkaRecord(topic: string, partition: number, message: KafkaMessage): KafkaRecord {
  return new ReadRecord(topic, partition, message)
}

/** Its headers become text when they are asked for. */
class ReadRecord implements KafkaRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly timestamp: number
  readonly #message: KafkaMessage
  #headers: Record<string, string> | undefined

  constructor(topic: string, partition: number, message: KafkaMessage) {
    this.topic = topic
    this.partition = partition
    this.offset = BigInt(message.offset)
    this.key = message.key
    this.value = message.value
    this.timestamp = Number(message.timestamp)
    this.#message = message
  }

  get headers(): Record<string, string> {
    this.#headers ??= toHeaders(this.#message.headers)
    return this.#headers
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
