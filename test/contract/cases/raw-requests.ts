import { once } from 'node:events'
import { connect } from 'node:net'
import { BytesReader } from '../../../src/kafka/wire/bytes/bytes-reader.ts'
import { BytesWriter } from '../../../src/kafka/wire/bytes/bytes-writer.ts'

export interface ClientQuota {
  readonly clientId: string
  readonly key: 'consumer_byte_rate' | 'producer_byte_rate'
  readonly bytesPerSecond: number
}

const ALTER_CLIENT_QUOTAS = { key: 49, version: 0 }
const PRODUCE = { key: 0, version: 7 }
const CORRELATION = 1
const ALL_REPLICAS = -1
const TIMEOUT_MS = 30_000

/** Sets a quota. kafkajs has no such request, and Kafka's own tool takes seconds for each. */
export async function setClientQuota(address: string, { clientId, key, bytesPerSecond }: ClientQuota): Promise<void> {
  const rate = Buffer.alloc(8)
  rate.writeDoubleBE(bytesPerSecond)
  const body = head(ALTER_CLIENT_QUOTAS)
    .int32(1) // entries
    .int32(1) // parts of the entity
    .string('client-id')
    .string(clientId)
    .int32(1) // changes
    .string(key)
    .bytes(rate)
    .int8(0) // not removed
    .int8(0) // not only validated
    .written()
  const answer = await ask(address, body)
  answer.int32() // correlation
  answer.int32() // throttle time
  const errors = answer.array(() => ({ code: answer.int16(), message: answer.string() }))
  const [error] = errors
  if (error?.code !== 0) throw new Error(`the quota of ${clientId} was not set: ${error?.code} ${error?.message}`)
}

/** Writes a batch to partition 0 as it is, however a producer would build it. */
export async function produceBatch(address: string, topic: string, batch: Buffer): Promise<void> {
  const body = head(PRODUCE)
    .int16(-1) // no transaction
    .int16(ALL_REPLICAS)
    .int32(TIMEOUT_MS)
    .int32(1) // topics
    .string(topic)
    .int32(1) // partitions
    .int32(0)
    .int32(batch.length)
    .bytes(batch)
    .written()
  const answer = await ask(address, body)
  answer.int32() // correlation
  answer.int32() // topics
  answer.string()
  answer.int32() // partitions
  answer.int32()
  const code = answer.int16()
  if (code !== 0) throw new Error(`the broker refused a batch for ${topic} with error ${code}`)
}

function head({ key, version }: { key: number; version: number }): BytesWriter {
  return new BytesWriter().int16(key).int16(version).int32(CORRELATION).string('cases')
}

async function ask(address: string, body: Buffer): Promise<BytesReader> {
  const [host = '', port] = address.split(':')
  const socket = connect(Number(port), host)
  try {
    const head = Buffer.alloc(4)
    head.writeInt32BE(body.length)
    socket.write(Buffer.concat([head, body]))
    let received = Buffer.alloc(0)
    while (received.length < 4 || received.length < 4 + received.readInt32BE(0)) {
      const [chunk] = (await once(socket, 'data', { signal: AbortSignal.timeout(TIMEOUT_MS) })) as [Buffer]
      received = Buffer.concat([received, chunk])
    }
    return new BytesReader(received, 4)
  } finally {
    socket.destroy()
  }
}
