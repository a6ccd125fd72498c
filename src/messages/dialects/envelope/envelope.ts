import { RefusedError } from '../../rules/refusal.ts'
import { readGoObject } from '../go-json.ts'

const FIELDS = { name: 'string', data: 'string' } as const
const LINE_BREAKS = /[\r\n]/g
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
/** Room for the keys and the name of an envelope, in bytes. */
const FRAME_BYTES = 1024

/** Wraps a JSON object as Teranode's message bus does: the sender's name (a JSON string), and the object in standard base64. */
export function wrap(inner: string, clientName: string): Uint8Array {
  return Buffer.from(`{"name":${clientName},"data":"${Buffer.from(inner).toString('base64')}"}`)
}

/** The JSON object in an envelope, of at most `maxBytes`. Throws RefusedError. The name is not used: only the signer says who sends. */
export function unwrap(data: Uint8Array, maxBytes: number): Uint8Array {
  const { data: text } = readGoObject(data, FIELDS)
  const base64 = text.replace(LINE_BREAKS, '') // Go ignores them
  if (base64 === '' || base64.length % 4 !== 0 || !BASE64.test(base64)) {
    throw new RefusedError('envelope', 'the message is no envelope: data has to be a JSON object in standard base64')
  }
  const inner = Buffer.from(base64, 'base64')
  if (inner.length > maxBytes) throw new RefusedError('too-large', `the message has ${inner.length} bytes, ${maxBytes} are allowed`)
  return inner
}

/** Largest envelope of an object of `maxBytes`. */
export function maxEnvelopeBytes(maxBytes: number): number {
  return 4 * Math.ceil(maxBytes / 3) + FRAME_BYTES
}
