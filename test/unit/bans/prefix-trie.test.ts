import { expect, test } from 'vitest'
import { PrefixTrie } from '../../../src/bans/prefix-trie.ts'
import { fc } from '../../support/properties.ts'

interface Entry {
  words: number[]
  length: number
}

/** Few distinct bits, so that entries overlap often. */
const word = fc.constantFrom(0, -1, 1, 0x0a000000, 0x0a000001, 0x0aff0000, 1 << 31)
const entry = (size: number) =>
  fc.record({ words: fc.array(word, { minLength: size, maxLength: size }), length: fc.integer({ min: 0, max: size * 32 }) }).map(masked)

function masked({ words, length }: Entry): Entry {
  return { length, words: words.map((value, index) => (length >= (index + 1) * 32 ? value : value & mask(length - index * 32))) }
}

function mask(bits: number): number {
  return bits <= 0 ? 0 : -1 << (32 - bits)
}

function covers(prefix: Entry, words: number[]): boolean {
  return masked({ words, length: prefix.length }).words.every((value, index) => value === prefix.words[index])
}

test.each([1, 4])('agrees with a linear search through entries of %i words, while entries are added and removed', (size) => {
  const steps = fc.array(fc.record({ entry: entry(size), isRemoval: fc.boolean() }), { maxLength: 40 })
  fc.assert(
    fc.property(steps, fc.array(entry(size), { minLength: 1, maxLength: 10 }), (changes, questions) => {
      const trie = new PrefixTrie<Entry>()
      const all = new Map<string, Entry>()
      for (const change of changes) {
        const key = JSON.stringify(change.entry)
        if (change.isRemoval) {
          trie.delete(change.entry.words, change.entry.length)
          all.delete(key)
        } else {
          trie.set(change.entry.words, change.entry.length, change.entry)
          all.set(key, change.entry)
        }
      }
      for (const { words } of [...questions, ...changes.map((change) => change.entry)]) {
        const matches = [...all.values()].filter((prefix) => covers(prefix, words)).sort((left, right) => right.length - left.length)
        expect(trie.longest(words, () => true)).toEqual(matches[0])
      }
    }),
    { numRuns: 300 },
  )
})

test('tries a shorter prefix when the longest is not accepted', () => {
  const trie = new PrefixTrie<string>()
  trie.set([0x0a000000], 8, 'wide')
  trie.set([0x0a000000], 24, 'narrow')
  expect(trie.longest([0x0a000001], (value) => value !== 'narrow')).toBe('wide')
})
