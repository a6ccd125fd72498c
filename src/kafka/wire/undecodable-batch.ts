import { randomBytes } from 'node:crypto'
import { encodeRecord, headerBefore } from './record-bytes.ts'

/** A compressed batch that nobody here can decompress: bad input, for the dead letters. Its records are lost in it. */
export class UndecodableBatchError extends Error {
  override readonly name = 'UndecodableBatchError'
  readonly code = 'BRIDGE_UNDECODABLE_BATCH'
  readonly reason = 'undecodable-batch'
  readonly firstOffset: bigint
  readonly lastOffset: bigint
  /** True for the batch's first record, the one that carries the batch's bytes as its value; the others are empty. */
  readonly carriesBatch: boolean

  constructor(detail: UndecodableDetail) {
    super(`offsets ${detail.firstOffset} to ${detail.lastOffset} came as one ${detail.codec} batch that cannot be read: ${detail.cause}`)
    this.firstOffset = BigInt(detail.firstOffset)
    this.lastOffset = BigInt(detail.lastOffset)
    this.carriesBatch = detail.carriesBatch
  }
}

interface UndecodableDetail {
  readonly codec: string
  readonly cause: string
  readonly firstOffset: string
  readonly lastOffset: string
  readonly carriesBatch: boolean
}

/** Random, so that no producer can pass off its own records as ones of ours. */
const MARKER = `undecodable-${randomBytes(16).toString('hex')}`

/**
 * A codec that throws would fail the whole fetch, other partitions included, and again at each try. So records take the place
 * of those that cannot be read, as many as the batch says it has and at their offsets, each marked; the first one carries the
 * batch. Throws only where the batch's header is not to be found, as in formats from before Kafka 0.11.
 */
export function standInRecords(section: Buffer, codec: string, error: unknown): Buffer {
  const header = headerBefore(section)
  if (!header) throw error
  const cause = error instanceof Error ? error.message : String(error)
  const detail = {
    codec,
    cause,
    firstOffset: `${header.firstOffset}`,
    lastOffset: `${header.firstOffset + BigInt(header.lastOffsetDelta)}`,
  }
  const records: Buffer[] = []
  for (let index = 0; index < header.recordCount; index++) {
    const carriesBatch = index === 0
    const mark = Buffer.from(JSON.stringify({ ...detail, carriesBatch } satisfies UndecodableDetail))
    const delta = index === header.recordCount - 1 ? header.lastOffsetDelta : index
    records.push(encodeRecord(delta, carriesBatch ? header.bytes : null, { key: MARKER, value: mark }))
  }
  return Buffer.concat(records)
}

/** Why this record is only a stand-in, or undefined for an ordinary one. */
export function undecodable(message: MarkedMessage): UndecodableBatchError | undefined {
  const { headerCount = 1 } = message
  const mark = headerCount === 1 ? message.headers?.[MARKER] : undefined
  if (!Buffer.isBuffer(mark)) return undefined
  return new UndecodableBatchError(JSON.parse(mark.toString()) as UndecodableDetail)
}

/** A message as kafkajs hands it on; where its headers are read when they are asked for, it knows how many there are. */
interface MarkedMessage {
  readonly headers?: Readonly<Record<string, unknown>> | undefined
  readonly headerCount?: number
}
