import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { Decompress } from 'fzstd'
import { decompressLz4 } from './lz4-frames.ts'
import { decompressSnappy } from './snappy-frames.ts'

/**
 * Upper bound on a decompressed batch: a compressed batch is at most a broker's `message.max.bytes`, but a few hundred bytes of it can
 * decompress to gigabytes.
 */
export const MAX_BATCH_BYTES = 64 << 20

export type Decompressor = (bytes: Buffer, maxBytes: number) => Promise<Buffer>

export interface BatchCodec {
  readonly name: string
  readonly decompress: Decompressor
}

/** By the codec number in a batch's attributes. Kafka has not assigned the last three yet, so nobody can read them. */
export const BATCH_CODECS: Readonly<Record<number, BatchCodec>> = {
  1: { name: 'gzip', decompress: decompressGzip },
  2: { name: 'snappy', decompress: decompressSnappy },
  3: { name: 'lz4', decompress: decompressLz4 },
  4: { name: 'zstd', decompress: decompressZstd },
  5: { name: 'codec 5', decompress: unknownCodec },
  6: { name: 'codec 6', decompress: unknownCodec },
  7: { name: 'codec 7', decompress: unknownCodec },
}

const gunzip = promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.gunzip)

async function decompressGzip(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  return gunzip(bytes, { maxOutputLength: maxBytes })
}

async function unknownCodec(): Promise<Buffer> {
  throw new Error('this version of the bridge does not know that compression')
}

interface ZstdOfNode {
  zstdDecompress?: (bytes: Buffer, options: { maxOutputLength: number }, done: (error: Error | null, result: Buffer) => void) => void
}

/** Node includes zstd from 22.15 on; older versions use the JavaScript library. */
async function decompressZstd(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  const native = (zlib as ZstdOfNode).zstdDecompress
  if (!native) return decompressZstdInJavaScript(bytes, maxBytes)
  return new Promise((resolve, reject) => {
    native(bytes, { maxOutputLength: maxBytes }, (error, result) => (error ? reject(error) : resolve(result)))
  })
}

/** Input of one call to the library: a few milliseconds of work, unless the bytes decompress to far more. */
const ZSTD_SLICE_BYTES = 32 << 10
/** The default limit of zstd's own decoder. */
const MAX_ZSTD_WINDOW_BYTES = 128 << 20

/** Works in slices, between which the event loop runs. Exported for its test, because newer versions of Node do not use it. */
export async function decompressZstdInJavaScript(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  const windowBytes = zstdWindow(bytes)
  if (windowBytes > MAX_ZSTD_WINDOW_BYTES) throw new Error(`a window of ${windowBytes} bytes, at most ${MAX_ZSTD_WINDOW_BYTES} are taken`)
  const parts: Uint8Array[] = []
  let size = 0
  const stream = new Decompress((part) => {
    size += part.length
    if (size > maxBytes) throw new Error(`more than ${maxBytes} bytes when decompressed`)
    parts.push(part)
  })
  for (let at = 0; at < bytes.length || at === 0; at += ZSTD_SLICE_BYTES) {
    if (at > 0) await nextTurn()
    stream.push(bytes.subarray(at, at + ZSTD_SLICE_BYTES), at + ZSTD_SLICE_BYTES >= bytes.length)
  }
  return Buffer.concat(parts)
}

/** The memory that the header of a frame demands: its window or, in a frame of a single segment, its whole content. */
function zstdWindow(bytes: Buffer): number {
  const [flags = 0, window = 0] = bytes.subarray(4, 6)
  const isSingleSegment = (flags & 0x20) > 0
  if (!isSingleSegment) return 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8)
  const dictionaryBytes = [0, 1, 2, 4][flags & 3] ?? 0
  const sizeBytes = 2 ** (flags >> 6)
  const size = bytes.subarray(5 + dictionaryBytes, 5 + dictionaryBytes + sizeBytes)
  return size.reduceRight((value, byte) => value * 256 + byte, 0) + (sizeBytes === 2 ? 256 : 0)
}
