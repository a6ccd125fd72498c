import type { RPC } from '@chainsafe/libp2p-gossipsub/message'

const PREFIX = Buffer.from('libp2p-pubsub:')
/** Protobuf tags of the fields that are signed: each is the field's number and "length-delimited". */
const TAG = { from: 0x0a, data: 0x12, seqno: 0x1a, topic: 0x22 } as const

/**
 * What the signature of a message is over: a prefix, and the message's own protobuf without signature and key (libp2p's pubsub
 * specification, "Message Signing"). The same bytes as gossipsub's general encoder makes, without its objects.
 */
export function signedBytes({ from, data, seqno, topic }: RPC.Message): Uint8Array {
  const topicLength = Buffer.byteLength(topic)
  const size = PREFIX.length + sizeOf(from?.length) + sizeOf(data?.length) + sizeOf(seqno?.length) + sizeOf(topicLength || undefined)
  const bytes = Buffer.allocUnsafe(size)
  bytes.set(PREFIX)
  let at = PREFIX.length
  if (from) at = putBytes(bytes, at, TAG.from, from)
  if (data) at = putBytes(bytes, at, TAG.data, data)
  if (seqno) at = putBytes(bytes, at, TAG.seqno, seqno)
  if (topicLength > 0) bytes.write(topic, putLength(bytes, at, TAG.topic, topicLength))
  return bytes
}

/** Bytes of a field with its tag and length; a missing one has none. */
function sizeOf(length: number | undefined): number {
  if (length === undefined) return 0
  let size = 2 + length
  for (let rest = length; rest >= 0x80; rest >>>= 7) size++
  return size
}

function putBytes(bytes: Buffer, at: number, tag: number, value: Uint8Array): number {
  const from = putLength(bytes, at, tag, value.length)
  bytes.set(value, from)
  return from + value.length
}

/** Writes a tag and a length as a varint; returns where the value begins. */
function putLength(bytes: Buffer, at: number, tag: number, length: number): number {
  bytes[at] = tag
  let next = at + 1
  let rest = length
  while (rest >= 0x80) {
    bytes[next++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[next++] = rest
  return next
}
