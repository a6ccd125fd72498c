import { uncompress } from 'snappy'

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const XERIAL_HEADER_BYTES = 16

/**
 * Snappy as Kafka's producers write it: Java wraps blocks into the framing of the snappy-java library ("xerial"), librdkafka and Go
 * write one bare block. `maxBytes` bounds the output.
 */
export async function decompressSnappy(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  const blocks = isXerial(bytes) ? xerialBlocks(bytes) : [bytes]
  const size = blocks.reduce((sum, block) => sum + uncompressedLength(block), 0)
  if (size > maxBytes) throw new Error(`${size} bytes when decompressed, at most ${maxBytes} are taken`)
  return Buffer.concat(await Promise.all(blocks.map((block) => uncompress(block, { asBuffer: true }) as Promise<Buffer>)))
}

function isXerial(bytes: Buffer): boolean {
  return bytes.length >= XERIAL_HEADER_BYTES && bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)
}

function xerialBlocks(bytes: Buffer): Buffer[] {
  const blocks: Buffer[] = []
  let at = XERIAL_HEADER_BYTES
  while (at < bytes.length) {
    if (at + 4 > bytes.length) throw new Error('a block length is cut off')
    const length = bytes.readInt32BE(at)
    if (length < 0 || at + 4 + length > bytes.length) throw new Error(`a block of ${length} bytes does not fit`)
    blocks.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return blocks
}

/** A bare block begins with its uncompressed length as a varint. */
function uncompressedLength(block: Buffer): number {
  let length = 0
  for (let index = 0; index < 5; index++) {
    const byte = block[index]
    if (byte === undefined) break
    length += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return length
  }
  throw new Error('a block does not begin with its length')
}
