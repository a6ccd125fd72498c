import { doubleHash } from './double-hash.ts'

/** The 80 bytes of a block header, hashes in internal byte order. */
export interface BlockHeader {
  readonly version: number
  readonly previousHash: Buffer
  readonly merkleRoot: Buffer
  /** Seconds since the epoch. */
  readonly time: number
  /** The target in compact form. */
  readonly bits: number
  readonly nonce: number
}

/** The target of regtest: half of all hashes meet it. */
export const REGTEST_BITS = 0x207fffff

/** The first block of regtest; its merkle root is the id of the one transaction that all Bitcoin networks begin with. */
export const REGTEST_GENESIS: BlockHeader = {
  version: 1,
  previousHash: Buffer.alloc(32),
  merkleRoot: Buffer.from('3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a', 'hex'),
  time: 1_296_688_602,
  bits: REGTEST_BITS,
  nonce: 2,
}

/** The 80 bytes that are hashed and sent. */
export function serialiseHeader(header: BlockHeader): Buffer {
  const bytes = Buffer.alloc(80)
  bytes.writeInt32LE(header.version, 0)
  header.previousHash.copy(bytes, 4)
  header.merkleRoot.copy(bytes, 36)
  bytes.writeUInt32LE(header.time, 68)
  bytes.writeUInt32LE(header.bits, 72)
  bytes.writeUInt32LE(header.nonce, 76)
  return bytes
}

/** The target, which a hash must not exceed, from its compact form: three bytes of digits, one of exponent. */
export function targetOf(bits: number): bigint {
  return BigInt(bits & 0x7fffff) << (8n * BigInt((bits >>> 24) - 3))
}

/** Whether a hash, in internal byte order, meets the target. */
export function meetsTarget(hash: Buffer, bits: number): boolean {
  return BigInt(`0x${Buffer.from(hash).reverse().toString('hex')}`) <= targetOf(bits)
}

/** Increments the nonce until the header's hash meets its target. On regtest that takes two attempts on average. */
export function mine(template: Omit<BlockHeader, 'nonce'>): { header: Buffer; hash: Buffer } {
  const header = serialiseHeader({ ...template, nonce: 0 })
  for (let nonce = 0; nonce <= 0xffffffff; nonce++) {
    header.writeUInt32LE(nonce, 76)
    const hash = doubleHash(header)
    if (meetsTarget(hash, template.bits)) return { header, hash }
  }
  throw new Error('no nonce meets the target')
}
