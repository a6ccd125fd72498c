import { createHash } from 'node:crypto'

/** All names in an order that depends only on the seed and the round: every fault occurs once before any occurs again. */
export function shuffled(names: readonly string[], seed: string, round: number): string[] {
  const weight = (name: string) => createHash('sha256').update(`${seed}\0${round}\0${name}`).digest('hex')
  return [...names].sort((one, other) => (weight(one) < weight(other) ? -1 : 1))
}
