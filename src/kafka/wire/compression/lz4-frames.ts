import { decompressFrame } from 'lz4-napi'

const LZ4_MAGIC = 0x184d2204
const MAX_BLOCK_BYTES: Record<number, number> = { 4: 64 << 10, 5: 256 << 10, 6: 1 << 20, 7: 4 << 20 }
const UNCOMPRESSED = 0x80000000

/** LZ4 as Kafka writes it: the frame format. `maxBytes` bounds the output, checked before the native code allocates. */
export async function decompressLz4(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  const size = largestOutput(bytes)
  if (size > maxBytes) throw new Error(`up to ${size} bytes when decompressed, at most ${maxBytes} are taken`)
  return decompressFrame(bytes)
}

/** Walks the block headers of one frame: no block decompresses to more than the frame's block size, or 255 times its own. */
function largestOutput(bytes: Buffer): number {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== LZ4_MAGIC) throw new Error('not an LZ4 frame')
  const flags = bytes.readUInt8(4)
  const blockBytes = MAX_BLOCK_BYTES[(bytes.readUInt8(5) >> 4) & 7]
  if (blockBytes === undefined) throw new Error('an LZ4 frame with an unknown block size')
  const checksumBytes = flags & 0x10 ? 4 : 0
  let at = 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0)
  let total = 0
  while (at + 4 <= bytes.length) {
    const word = bytes.readUInt32LE(at)
    if (word === 0) break
    const length = word >= UNCOMPRESSED ? word - UNCOMPRESSED : word
    total += Math.min(blockBytes, length * 255)
    at += 4 + length + checksumBytes
  }
  return total
}
