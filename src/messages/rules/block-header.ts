import { createHash } from 'node:crypto'

/** Position of the compact target ("bits") in the 80 bytes of a header. */
const BITS_OFFSET = 72
const SIGN_BIT = 0x0080_0000
const MANTISSA = 0x007f_ffff
const MAX_TARGET = 2n ** 256n - 1n

/** The possible faults of a header. They are metric labels. */
export const HEADER_FAULTS = ['header-missing', 'header-hash', 'header-target', 'header-work'] as const
export type HeaderFault = (typeof HEADER_FAULTS)[number]

/**
 * Undefined when the header hashes to the announced hash, meets its own target, and the target is worth at least
 * `minWork` expected hashes. It proves work, not validity: block validation decides whether the block belongs to the chain.
 */
export function headerFault(headerHex: string, announcedHash: string, minWork: bigint): HeaderFault | undefined {
  const header = Buffer.from(headerHex, 'hex')
  const hash = blockHash(header)
  if (hash !== announcedHash) return 'header-hash'
  const target = targetOf(header.readUInt32LE(BITS_OFFSET))
  if (target === undefined || BigInt(`0x${hash}`) > target) return 'header-target'
  return workOf(target) < minWork ? 'header-work' : undefined
}

/** The work that a header claims, in expected hashes; 0 if its target is none. */
export function headerWork(headerHex: string): bigint {
  const target = targetOf(Buffer.from(headerHex, 'hex').readUInt32LE(BITS_OFFSET))
  return target === undefined ? 0n : workOf(target)
}

/** Double SHA-256 in display order (byte-reversed). */
export function blockHash(header: Buffer): string {
  const once = createHash('sha256').update(header).digest()
  return createHash('sha256').update(once).digest().reverse().toString('hex')
}

/** The target of compact bits. Undefined if it is zero, negative, or beyond 256 bits. */
export function targetOf(bits: number): bigint | undefined {
  const mantissa = BigInt(bits & MANTISSA)
  if ((bits & SIGN_BIT) !== 0) return undefined
  const shift = 8 * ((bits >>> 24) - 3)
  const target = shift >= 0 ? mantissa << BigInt(shift) : mantissa >> BigInt(-shift)
  return target === 0n || target > MAX_TARGET ? undefined : target
}

/** The average number of hashes needed to meet a target. */
export function workOf(target: bigint): bigint {
  return (MAX_TARGET + 1n) / (target + 1n)
}
