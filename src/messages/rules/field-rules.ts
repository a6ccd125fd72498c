import { canonicalHash } from './hash.ts'
import { RefusedError } from './refusal.ts'

export const MAX_HEIGHT = 2 ** 32 - 1
export const MAX_PEER_ID_LENGTH = 128
export const MAX_MINER_LENGTH = 256
/** Longer reasons are cut, not refused: Go nodes send the whole chain of wrapped errors. */
export const MAX_REASON_LENGTH = 256

/** Characters of the 80 bytes in hexadecimal. */
export const HEADER_LENGTH = 160

const HEADER = /^[0-9a-f]{160}$/i
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f]+/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
const CONTROL_BUT_WHITE_SPACE = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f]/

/** True for text that could move a terminal's cursor or end a log line. */
export function hasControlCharacter(text: string): boolean {
  return CONTROL_CHARACTER.test(text)
}

/** One line of at most `maxLength` characters: control characters become a space, and the cut leaves no lone surrogate. */
export function oneLine(text: string, maxLength: number): string {
  const line = CONTROL_CHARACTER.test(text) ? text.replace(CONTROL_CHARACTERS, ' ') : text
  return line.length > maxLength ? cut(line, maxLength) : line
}

function cut(text: string, maxLength: number): string {
  const last = text.charCodeAt(maxLength - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? maxLength - 1 : maxLength)
}

export function hashField(name: string, text: string): string {
  const hash = canonicalHash(text)
  if (hash === undefined) throw new RefusedError('hash', `${name} is no hash: it has to be 1 to 64 hexadecimal characters and not zero`)
  return hash
}

export function peerIdField(text: string): string {
  if (text.length > MAX_PEER_ID_LENGTH || hasControlCharacter(text)) {
    throw new RefusedError('peer-id', `the peer id is too long (${text.length} of ${MAX_PEER_ID_LENGTH}) or has control characters`)
  }
  return text
}

export function minerField(text: string): string {
  if (text.length > MAX_MINER_LENGTH) {
    throw new RefusedError('miner', `the miner's name has ${text.length} characters, ${MAX_MINER_LENGTH} are allowed`)
  }
  if (hasControlCharacter(text)) throw new RefusedError('control-character', "the miner's name has control characters")
  return text
}

/** Line breaks and tabs are usual in Go's error texts; other control characters are not. */
export function reasonField(text: string): string {
  if (CONTROL_BUT_WHITE_SPACE.test(text)) throw new RefusedError('control-character', 'the reason has control characters')
  return oneLine(text, MAX_REASON_LENGTH)
}

/** The 80 bytes of a block header in hexadecimal; null for an empty text. */
export function headerField(text: string): string | null {
  if (text === '') return null
  if (!HEADER.test(text)) throw new RefusedError('header', 'the header has to be 160 hexadecimal characters')
  return text.toLowerCase()
}

const MAX_COUNT = BigInt(Number.MAX_SAFE_INTEGER)

/**
 * Go counts to 2^64. No real count is above 2^53, and readers of the event log in JavaScript, whose Avro clients throw on a greater number,
 * must not stop at what a stranger has sent.
 */
export function countField(name: string, count: bigint): bigint {
  if (count < 0n || count > MAX_COUNT) throw new RefusedError('count', `${name} exceeds 53 bits`)
  return count
}
