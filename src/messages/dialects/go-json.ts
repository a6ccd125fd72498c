import { RefusedError } from '../rules/refusal.ts'

/** Kinds of fields in Go's structs that travel as JSON. With a question mark: a pointer, null if the field is missing. */
export type GoKind = 'string' | 'uint32' | 'uint64' | 'int64' | 'float64' | 'float64?' | 'object?'
interface GoValues {
  readonly string: string
  readonly uint32: number
  readonly uint64: bigint
  readonly int64: bigint
  readonly float64: number
  readonly 'float64?': number | null
  /** The JSON text of the object. */
  readonly 'object?': string | null
}
type GoValue<K extends GoKind> = GoValues[K]
type AnyGoValue = GoValues[GoKind]
/** Field names in lower case, since Go matches keys without regard to case. */
export type GoFields = Readonly<Record<string, GoKind>>
export type GoObject<F extends GoFields> = { -readonly [name in keyof F]: GoValue<F[name]> }

/** Least and greatest value. */
const INTEGERS = {
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
} as const
const ZEROS: GoValues = { string: '', uint32: 0, uint64: 0n, int64: 0n, float64: 0, 'float64?': null, 'object?': null }
const DIGITS = /^\d{1,20}$/
const SIGNED_DIGITS = /^-?\d{1,20}$/
/** Shared by all messages: creating one takes as long as decoding a message. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true })
/** A part of a string keeps the whole string in memory. Parts of a longer message are copied, since some are kept for long. */
const COPIED_FROM_CHARACTERS = 4096
const ESCAPED_BY_GO = /[<>&\u2028\u2029]/g

/**
 * Reads a JSON object as Go's encoding/json reads it into a struct: keys in any case, unknown keys ignored, missing ones
 * zero, the last of repeated keys wins, null changes nothing, and a single value of the wrong type refuses the message.
 *
 * A hand-written walk, because JSON.parse loses the order of keys that differ only in case, and the digits of numbers beyond
 * 2^53: the message would mean something else here than in every Go node.
 */
export function readGoObject<F extends GoFields>(data: Uint8Array, fields: F): GoObject<F> {
  const text = validJsonObject(data)
  const values: Record<string, AnyGoValue> = {}
  const isCopied = text.length >= COPIED_FROM_CHARACTERS
  for (const name in fields) values[name] = ZEROS[fields[name] as GoKind]
  let at = skipSpace(text, text.indexOf('{') + 1)
  while (text[at] !== '}') {
    const keyEnd = skipString(text, at)
    const name = fieldName(text.slice(at, keyEnd))
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const valueEnd = skipValue(text, valueStart)
    const kind = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (kind) {
      const value = readToken(name, kind, text.slice(valueStart, valueEnd), isCopied)
      if (value !== undefined) values[name] = value
    }
    at = skipSpace(text, valueEnd)
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
  return values as GoObject<F>
}

/** A string literal as Go writes it: safe inside HTML, and lone surrogates replaced. */
export function goString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(ESCAPED_BY_GO, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** Everything after this may rely on correct syntax. A byte order mark is a syntax error, as in Go. */
function validJsonObject(data: Uint8Array): string {
  const text = UTF8.decode(data)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new RefusedError('not-json', 'the message is not JSON', { cause: error })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RefusedError('wrong-type', 'the message is no JSON object')
  return text
}

/** Go folds case by Unicode's simple folding. The only non-ASCII characters that fold into ASCII are the long s and the Kelvin sign. */
function fieldName(literal: string): string {
  const key: unknown = literal.includes('\\') ? JSON.parse(literal) : literal.slice(1, -1)
  return String(key).toLowerCase().replaceAll('\u017f', 's')
}

/** Undefined for null, which leaves a field as it is, unless the field is a pointer. */
function readToken(name: string, kind: GoKind, token: string, isCopied: boolean): AnyGoValue | undefined {
  if (token === 'null') return kind.endsWith('?') ? null : undefined
  switch (kind) {
    case 'string':
      if (!token.startsWith('"')) throw wrongType(name, 'a text')
      // Only an escape can stand for half a character: the text was decoded from UTF-8.
      return isCopied || token.includes('\\') ? (JSON.parse(token) as string).toWellFormed() : token.slice(1, -1)
    case 'object?':
      if (!token.startsWith('{')) throw wrongType(name, 'an object')
      return token
    case 'float64':
    case 'float64?':
      return readFloat(name, token)
    default:
      return readInteger(name, kind, token)
  }
}

function readInteger(name: string, kind: keyof typeof INTEGERS, token: string): number | bigint {
  const [least, most] = INTEGERS[kind]
  const isInteger = (least < 0n ? SIGNED_DIGITS : DIGITS).test(token)
  if (!isInteger || BigInt(token) < least || BigInt(token) > most) throw wrongType(name, `an integer of ${least} to ${most}`)
  return kind === 'uint32' ? Number(token) : BigInt(token)
}

function readFloat(name: string, token: string): number {
  const value = /^[-\d]/.test(token) ? Number(token) : Number.NaN
  if (!Number.isFinite(value)) throw wrongType(name, 'a number of 64 bits')
  return value === 0 ? 0 : value // -0 is equal to 0, and JavaScript does not write it
}

function wrongType(name: string, expected: string): RefusedError {
  return new RefusedError('wrong-type', `the field ${name} has to be ${expected}`)
}

function skipSpace(text: string, at: number): number {
  let next = at
  while (text.charCodeAt(next) <= 0x20) next++
  return next
}

/** Looks for quotes rather than at each character, because most strings are long and have none. */
function skipString(text: string, at: number): number {
  let end = text.indexOf('"', at + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end + 1
}

/** Whether an odd number of backslashes stands before a character. */
function isEscaped(text: string, at: number): boolean {
  let first = at
  while (text[first - 1] === '\\') first--
  return (at - first) % 2 === 1
}

function skipValue(text: string, at: number): number {
  let next = at
  let depth = 0
  do {
    const character = text[next]
    if (character === '"') {
      next = skipString(text, next)
      continue
    }
    if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') depth--
    next++
  } while (depth > 0 || !isValueEnd(text, next))
  return next
}

function isValueEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code === 0x2c || code === 0x7d || code <= 0x20
}
