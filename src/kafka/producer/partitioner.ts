const SEED = 0x9747b28c
const M = 0x5bd1e995
const R = 24

/** The hash that Java's default partitioner uses, so that all records of a key are in one partition, whichever program writes them. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length
  let hash = SEED ^ length
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  const whole = length - (length % 4)
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(view.getInt32(at, true), M)
    word ^= word >>> R
    hash = Math.imul(hash, M) ^ Math.imul(word, M)
  }
  for (let at = length - 1; at >= whole; at--) hash ^= view.getUint8(at) << (8 * (at - whole))
  if (length > whole) hash = Math.imul(hash, M)
  hash ^= hash >>> 13
  hash = Math.imul(hash, M)
  return hash ^ (hash >>> 15)
}

/** The partition of a key, as Java's producer would choose it. */
export function partitionOf(key: string | Buffer, partitions: number): number {
  return (murmur2(typeof key === 'string' ? Buffer.from(key) : key) & 0x7fffffff) % partitions
}
