import { gzipSync } from 'node:zlib'
import { compressFrameSync } from 'lz4-napi'
import { compressSync } from 'snappy'
import { expect, test } from 'vitest'
import { BATCH_CODECS, decompressZstdInJavaScript } from '../../../../../src/kafka/wire/compression/decompress.ts'

const TEXT = Buffer.from('a block, a subtree, a transaction. '.repeat(5000))
/** `zstd` of the text "hello hello hello hello hello hello\n", as the command line tool writes it. */
const ZSTD_HELLO = Buffer.from('28b52ffd04586d00003868656c6c6f200a0100b94b116b1f0867', 'hex')

const decompress = (codec: number, bytes: Buffer, maxBytes = 1 << 20) => {
  const found = BATCH_CODECS[codec]
  if (!found) throw new Error(`no codec ${codec}`)
  return found.decompress(bytes, maxBytes)
}

/** Snappy blocks in the framing of Java's library. */
function xerial(parts: Buffer[]): Buffer {
  const header = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
  const blocks = parts.map((part) => {
    const block = compressSync(part)
    const length = Buffer.alloc(4)
    length.writeInt32BE(block.length)
    return Buffer.concat([length, block])
  })
  return Buffer.concat([header, ...blocks])
}

test.each([
  ['gzip', 1, gzipSync(TEXT)],
  ['snappy as Go and librdkafka write it', 2, compressSync(TEXT)],
  ['snappy as Java writes it', 2, xerial([TEXT.subarray(0, 32768), TEXT.subarray(32768)])],
  ['lz4', 3, compressFrameSync(TEXT)],
])('reads %s', async (_, codec, bytes) => {
  expect((await decompress(codec, bytes)).equals(TEXT)).toBe(true)
})

test('reads zstd, with Node if it can and in JavaScript', async () => {
  const text = 'hello hello hello hello hello hello\n'
  expect(`${await decompress(4, ZSTD_HELLO)}`).toBe(text)
  expect(`${await decompressZstdInJavaScript(ZSTD_HELLO, 1000)}`).toBe(text)
})

test.each([
  ['gzip', 1, gzipSync(TEXT)],
  ['snappy', 2, compressSync(TEXT)],
  ['snappy of Java', 2, xerial([TEXT])],
  ['lz4', 3, compressFrameSync(TEXT)],
  ['zstd', 4, ZSTD_HELLO],
])('%s is refused before it grows beyond the bound', async (_, codec, bytes) => {
  await expect(decompress(codec, bytes, 20)).rejects.toThrow()
})

test.each([
  ['a window', '28b52ffd 00 a0', 2 ** 30],
  ['a single segment', '28b52ffd a0 00000040', 2 ** 30],
  ['a single segment, whose size takes eight bytes', '28b52ffd e0 0000000001000000', 2 ** 32],
])('zstd with %s of gigabytes is refused before the memory is allocated', async (_, header, size) => {
  const frame = Buffer.concat([Buffer.from(header.replaceAll(' ', ''), 'hex'), ZSTD_HELLO.subarray(8)])
  await expect(decompressZstdInJavaScript(frame, 1 << 20)).rejects.toThrow(`a window of ${size} bytes`)
})

test.each([1, 2, 3, 4, 5, 6, 7])('codec %i rejects junk', async (codec) => {
  for (const junk of [Buffer.alloc(0), Buffer.from('junk'), Buffer.alloc(64, 0xff)]) {
    const outcome = await decompress(codec, junk).then(
      (bytes) => bytes.length,
      () => 'rejected',
    )
    expect(outcome === 'rejected' || outcome === 0).toBe(true)
  }
})
