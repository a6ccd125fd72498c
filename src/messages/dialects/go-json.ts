import { RefusedError } from '../rules/refusal.ts'

/** Kinds of fields in Go's structs that travel as JSON. */
export type GoKind = 'string' | 'uint32' | 'uint64'
type GoValue<K extends GoKind> = K extends 'string' ? string : K extends 'uint32' ? number : bigint
/** Field names in lower case, since Go matches keys without regard to case. */
export type GoFields = Readonly<Record<string, GoKind>>
export type GoObject<F extends GoFields> = { -readonly [name in keyof F]: GoValue<F[name]> }

const MAX_UINT32 = 2n ** 32n - 1n
const MAX_UINT64 = 2n ** 64n - 1n
const DIGITS = /^\d{1,20}$/
/** Shared by all messages: creating one takes as long as decoding a message. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true })
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
  const values: Record<string, string | number | bigint> = {}
  for (const [name, kind] of Object.entries(fields)) values[name] = kind === 'string' ? '' : kind === 'uint32' ? 0 : 0n
  let at = skipSpace(text, text.indexOf('{') + 1)
  while (text[at] !== '}') {
    const keyEnd = skipString(text, at)
    const name = fieldName(text.slice(at, keyEnd))
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const valueEnd = skipValue(text, valueStart)
    const kind = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (kind) {
      const value = readToken(name, kind, text.slice(valueStart, valueEnd))
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

/** Undefined for null, which leaves a field as it is. */
function readToken(name: string, kind: GoKind, token: string): string | number | bigint | undefined {
  if (token === 'null') return undefined
  if (kind === 'string') {
    if (!token.startsWith('"')) throw wrongType(name, 'a text')
    return (JSON.parse(token) as string).toWellFormed()
  }
  const max = kind === 'uint32' ? MAX_UINT32 : MAX_UINT64
  if (!DIGITS.test(token) || BigInt(token) > max) throw wrongType(name, `an integer of 0 to ${max}`)
  return kind === 'uint32' ? Number(token) : BigInt(token)
}

function wrongType(name: string, expected: string): RefusedError {
  return new RefusedError('wrong-type', `the field ${name} has to be ${expected}`)
}

function skipSpace(text: string, at: number): number {
  let next = at
  while (text.charCodeAt(next) <= 0x20) next++
  return next
}

function skipString(text: string, at: number): number {
  let next = at + 1
  while (text[next] !== '"') next += text[next] === '\\' ? 2 : 1
  return next + 1
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
