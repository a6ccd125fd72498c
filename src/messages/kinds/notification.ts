import { BadInputError } from '../errors.ts'
import { MAX_HEIGHT } from '../rules/field-rules.ts'

/** Value of the in-topic `blockchain-notifications`, which carries several kinds. `type` names the kind. */
export interface NotificationValue {
  readonly type: string
  readonly hash: string
  readonly height: number | null
  readonly header: string | null
  readonly previousHash: string | null
  readonly miner: string | null
  readonly sizeInBytes: bigint | null
  readonly txCount: bigint | null
}

/** The canonical form is tried first: nearly all hashes have it, and it takes half the time. */
const CANONICAL_HASH = /^[0-9a-f]{64}$/
const HASH = /^[0-9a-f]{64}$/i
const HEADER = /^[0-9a-f]{160}$/i

/** The hash in canonical form. Throws BadInputError, as the other functions here do. */
export function ownHash(name: string, text: string): string {
  if (CANONICAL_HASH.test(text)) return text
  if (!HASH.test(text)) throw badContent(`${name} is ${JSON.stringify(text.slice(0, 80))}, but has to be 64 hexadecimal characters`)
  return text.toLowerCase()
}

/** Encoders without null write an empty text for a missing header. */
export function ownHeader(text: string | null): string | null {
  if (text === null || text === '') return null
  if (!HEADER.test(text)) throw badContent(`header has ${text.length} characters, but has to be 160 hexadecimal characters`)
  return text.toLowerCase()
}

export function ownHeight({ type, height }: Pick<NotificationValue, 'type' | 'height'>): number {
  if (height === null) throw badContent(`height is missing, but a ${type} needs one`)
  if (height < 0 || height > MAX_HEIGHT) throw badContent(`height is ${height}, but has to be 0 to ${MAX_HEIGHT}`)
  return height
}

export function ownCount(name: string, count: bigint | null): bigint {
  if (count !== null && count < 0n) throw badContent(`${name} is ${count}, but cannot be negative`)
  return count ?? 0n
}

function badContent(message: string): BadInputError {
  return new BadInputError('bad-content', message)
}
