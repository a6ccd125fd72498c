import { parse as parseLossless } from 'lossless-json'

/**
 * A number of 16 digits or more outside a string (a match inside a string only costs time). Only such a number can lose
 * precision in JSON.parse, which is many times faster than the lossless parser.
 */
const LONG_INTEGER = /[:,[\s]-?\d{16}/
const INTEGER = /^-?\d+$/

/** Parses JSON. Integers beyond 2^53 become bigint, all other numbers number. If a key repeats, the last value wins. Throws SyntaxError. */
export function parseJsonText(text: string): unknown {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text)
  return parseLossless(text, null, { parseNumber, onDuplicateKey: ({ newValue }) => newValue })
}

function parseNumber(text: string): number | bigint {
  const value = Number(text)
  return Number.isSafeInteger(value) || !INTEGER.test(text) ? value : BigInt(text)
}
