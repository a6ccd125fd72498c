import { createHash } from 'node:crypto'

/** An event id as 32-bit numbers. */
export const ID_WORDS = 4
const HEX_DIGITS = 32
const DIGITS_OF_WORD = 8

/** The value of each lower-case hexadecimal digit by its character code; 255 for all other characters. */
const DIGIT_VALUES = new Uint8Array(256).fill(255)
for (const [value, digit] of [...'0123456789abcdef'].entries()) DIGIT_VALUES[digit.charCodeAt(0)] = value

/** Event ids are 16 bytes in hexadecimal. Any other text, which only foreign programs write, is represented by its SHA-256. */
export function parseId(id: string, into: Uint32Array): void {
  if (id.length !== HEX_DIGITS || !parseHex(id, into)) parseHex(createHash('sha256').update(id).digest('hex').slice(0, HEX_DIGITS), into)
}

/** False when a character is not a lower-case hexadecimal digit. */
function parseHex(text: string, into: Uint32Array): boolean {
  let seen = 0
  for (let word = 0; word < ID_WORDS; word++) {
    let value = 0
    for (let digit = word * DIGITS_OF_WORD; digit < (word + 1) * DIGITS_OF_WORD; digit++) {
      const code = text.charCodeAt(digit)
      const digitValue = code < 256 ? (DIGIT_VALUES[code] as number) : 255
      seen |= digitValue
      value = (value << 4) | digitValue
    }
    into[word] = value
  }
  return seen < 16
}
