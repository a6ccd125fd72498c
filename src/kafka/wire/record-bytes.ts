/** Reads and writes the few pieces of Kafka's record format that the compression codecs need. */

/** A zigzag varint at `at`: its value and where the next byte stands. Throws where the bytes end or it is longer than 5 bytes. */
export function readVarint(bytes: Buffer, at: number): { value: number; next: number } {
  let raw = 0
  for (let index = 0; index < 5; index++) {
    const byte = bytes[at + index]
    if (byte === undefined) throw new Error('the bytes end inside a number')
    raw += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value: raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2, next: at + index + 1 }
  }
  throw new Error('a number is longer than five bytes')
}

export function writeVarint(value: number): Buffer {
  let raw = value >= 0 ? value * 2 : -value * 2 - 1
  const bytes: number[] = []
  while (raw >= 0x80) {
    bytes.push((raw % 0x80) | 0x80)
    raw = Math.floor(raw / 0x80)
  }
  return Buffer.from([...bytes, raw])
}

/** Throws unless the bytes hold exactly `count` records one after the other. */
export function checkRecords(bytes: Buffer, count: number): void {
  let at = 0
  for (let index = 0; index < count; index++) {
    const { value, next } = readVarint(bytes, at)
    if (value < 0 || next + value > bytes.length) throw new Error(`record ${index} of ${count} does not fit`)
    at = next + value
  }
  if (at !== bytes.length) throw new Error(`${bytes.length - at} bytes stand behind the last record`)
}

/** One record as it stands inside a batch, without a key and with one header. */
export function encodeRecord(offsetDelta: number, value: Buffer | null, header: { key: string; value: Buffer }): Buffer {
  const headerKey = Buffer.from(header.key)
  const body = Buffer.concat([
    Buffer.from([0, 0]), // attributes, timestamp delta
    writeVarint(offsetDelta),
    writeVarint(-1),
    value === null ? writeVarint(-1) : Buffer.concat([writeVarint(value.length), value]),
    writeVarint(1),
    writeVarint(headerKey.length),
    headerKey,
    writeVarint(header.value.length),
    header.value,
  ])
  return Buffer.concat([writeVarint(body.length), body])
}

export const BATCH_HEADER_BYTES = 61

export interface BatchHeader {
  readonly firstOffset: bigint
  readonly lastOffsetDelta: number
  readonly recordCount: number
  /** The whole batch as Kafka stores it. */
  readonly bytes: Buffer
}

/**
 * The header of the batch whose record section `records` is, found in the same memory right before it. Undefined where what
 * stands there is not the header of this very section: the caller then knows nothing of the batch.
 */
export function headerBefore(records: Buffer): BatchHeader | undefined {
  if (records.byteOffset < BATCH_HEADER_BYTES) return undefined
  const start = records.byteOffset - BATCH_HEADER_BYTES
  const bytes = Buffer.from(records.buffer, start, BATCH_HEADER_BYTES + records.length)
  const isThisBatch = bytes.readInt8(16) === 2 && bytes.readInt32BE(8) === bytes.length - 12
  if (!isThisBatch) return undefined
  return { firstOffset: bytes.readBigInt64BE(0), lastOffsetDelta: bytes.readInt32BE(23), recordCount: bytes.readInt32BE(57), bytes }
}
