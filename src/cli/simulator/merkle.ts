import { doubleHash } from './double-hash.ts'

/** The merkle root of hashes in internal byte order. A row of odd length pairs its last hash with itself, as Bitcoin does. */
export function merkleRoot(leaves: readonly Buffer[]): Buffer {
  const [first, ...rest] = leaves
  if (!first) throw new Error('a merkle tree needs at least one leaf')
  if (rest.length === 0) return first
  const parents: Buffer[] = []
  for (let at = 0; at < leaves.length; at += 2) {
    const left = leaves[at] ?? first
    parents.push(doubleHash(Buffer.concat([left, leaves[at + 1] ?? left])))
  }
  return merkleRoot(parents)
}
