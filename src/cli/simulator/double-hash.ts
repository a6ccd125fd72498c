import { createHash } from 'node:crypto'

/** Bitcoin's hash: SHA-256 of SHA-256. The result is in internal byte order, as in headers and transactions. */
export function doubleHash(data: Uint8Array): Buffer {
  return createHash('sha256').update(createHash('sha256').update(data).digest()).digest()
}

/** A hash as people and Kafka keys write it: hex of the reversed bytes. */
export function toDisplay(hash: Uint8Array): string {
  return Buffer.from(hash).reverse().toString('hex')
}
