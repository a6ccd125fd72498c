import { parse as parseLossless } from 'lossless-json'

/**
 * A number of 16 digits or more outside of a string (inside of one a match costs time, nothing else). Only such a number can
 * lose precision in JSON.parse, which is many times faster than the lossless parser.
 */
const LONG_INTEGER = /[:,[\s]-?\d{16}/
const INTEGER = /^-?\d+$/

/** Parses JSON; integers beyond 2^53 come out as bigint, all other numbers as number. Throws SyntaxError. Of repeated keys the last one counts. */
export function parseJsonText(text: string): unknown {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text)
  return parseLossless(text, null, { parseNumber, onDuplicateKey: ({ newValue }) => newValue })
}

function parseNumber(text: string): number | bigint {
  const value = Number(text)
  return Number.isSafeInteger(value) || !INTEGER.test(text) ? value : BigInt(text)
}
