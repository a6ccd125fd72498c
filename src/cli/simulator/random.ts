import { createHash } from 'node:crypto'

/** A stream of random numbers. The same seed gives the same stream on every machine. Not for secrets. */
export interface Random {
  /** In [0, 1). */
  fraction(): number
  /** A whole number from 0 to `below - 1`. */
  whole(below: number): number
  bytes(length: number): Buffer
  /** The items in a new order. */
  shuffled<T>(items: readonly T[]): T[]
}

/** The generator is sfc32, seeded with the SHA-256 of the seed's text. */
export function createRandom(seed: string): Random {
  const next = sfc32(createHash('sha256').update(seed).digest())
  const whole = (below: number) => Math.floor((next() / 2 ** 32) * below)
  return {
    fraction: () => next() / 2 ** 32,
    whole,
    bytes: (length) => {
      const words = Buffer.alloc(Math.ceil(length / 4) * 4)
      for (let at = 0; at < words.length; at += 4) words.writeUInt32LE(next(), at)
      return words.subarray(0, length)
    },
    shuffled: (items) => {
      const rest = [...items]
      return items.flatMap(() => rest.splice(whole(rest.length), 1))
    },
  }
}

function sfc32(seed: Buffer): () => number {
  let [a, b, c, counter] = [seed.readInt32LE(0), seed.readInt32LE(4), seed.readInt32LE(8), 1]
  const next = () => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  for (let round = 0; round < 12; round++) next()
  return next
}
