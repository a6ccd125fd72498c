import { LENGTH_DELIMITED } from './protobuf-reader.ts'
import type { TeranodeMessage } from './protobuf-strings.ts'

/**
 * Writes messages of strings, as Go marshals them: fields in the order of their numbers, empty and missing ones left out. A property
 * without a field is not written.
 */
export function protobufWriter({ fields }: Pick<TeranodeMessage, 'fields'>): (value: unknown) => Buffer {
  const named = Object.entries(fields).map(([number, name]) => ({ tag: (Number(number) << 3) | LENGTH_DELIMITED, name }))
  return (value) => {
    const texts = value as Readonly<Record<string, string | null | undefined>>
    let size = 0
    for (const { name } of named) size += fieldSize(texts[name])
    const bytes = Buffer.allocUnsafe(size)
    let at = 0
    for (const { tag, name } of named) {
      const text = texts[name]
      if (text) at = writeField(bytes, at, tag, text)
    }
    return bytes
  }
}

/** With the tag, which is one byte for the numbers up to 15. */
function fieldSize(text: string | null | undefined): number {
  if (!text) return 0
  const length = Buffer.byteLength(text)
  return 1 + varintSize(length) + length
}

function writeField(bytes: Buffer, start: number, tag: number, text: string): number {
  bytes[start] = tag
  let at = start + 1
  for (let rest = Buffer.byteLength(text); ; rest >>>= 7) {
    bytes[at++] = rest < 0x80 ? rest : (rest & 0x7f) | 0x80
    if (rest < 0x80) break
  }
  return at + bytes.write(text, at)
}

function varintSize(value: number): number {
  let size = 1
  for (let rest = value; rest >= 0x80; rest >>>= 7) size += 1
  return size
}
