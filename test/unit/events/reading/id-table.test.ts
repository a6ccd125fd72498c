import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { IdTable } from '../../../../src/events/reading/id-table.ts'
import { fc } from '../../../support/properties.ts'

/** What the table replaces: the same rules with a Map. */
class MapOfIds {
  readonly #entries = new Map<string, { readonly first: bigint; readonly last: number }>()
  readonly #maxIds: number

  constructor({ maxIds }: { maxIds: number }) {
    this.#maxIds = maxIds
  }

  get size(): number {
    return this.#entries.size
  }

  has(id: string): boolean {
    return this.#entries.has(id)
  }

  firstOf(id: string): bigint | undefined {
    return this.#entries.get(id)?.first
  }

  touch(id: string, offset: bigint, time: number): boolean {
    const known = this.#entries.get(id)
    this.#entries.delete(id)
    this.#entries.set(id, { first: known?.first ?? offset, last: time })
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxIds) break
      this.#entries.delete(oldest)
    }
    return known === undefined
  }

  forgetBefore(time: number): void {
    for (const [id, { last }] of this.#entries) {
      if (last >= time) return
      this.#entries.delete(id)
    }
  }

  clear(): void {
    this.#entries.clear()
  }
}

const idOf = (number: number) => createHash('sha256').update(`${number}`).digest('hex').slice(0, 32)
/** Some share their first or last digits, and some are no event ids at all. */
const IDS = [
  ...Array.from({ length: 40 }, (_, index) => idOf(index)),
  ...['0', '1', 'f'].map((digit) => digit.repeat(32)),
  ...['0', '1', 'f'].map((digit) => digit.padStart(32, '0')),
  ...['0', '1', 'f'].map((digit) => digit.padEnd(32, '0')),
  ...['', 'a', 'A'.repeat(32), 'g'.repeat(32), '0'.repeat(31), '0'.repeat(33), `${'0'.repeat(31)}é`, `${'0'.repeat(31)}\u{4e30}`],
]

test('behaves like a Map with the same rules', () => {
  const step = fc.oneof(
    { weight: 20, arbitrary: fc.record({ do: fc.constant('touch' as const), id: fc.constantFrom(...IDS), later: fc.nat(5) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('forget' as const), window: fc.nat(60) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
  )
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 50 }), fc.array(step, { maxLength: 300 }), (maxIds, steps) => {
      const [table, map] = [new IdTable({ maxIds }), new MapOfIds({ maxIds })]
      let time = 1000
      for (const [index, each] of steps.entries()) {
        if (each.do === 'touch') {
          time += each.later
          expect(table.touch(each.id, BigInt(index), time)).toBe(map.touch(each.id, BigInt(index), time))
        } else if (each.do === 'forget') {
          table.forgetBefore(time - each.window)
          map.forgetBefore(time - each.window)
        } else {
          table.clear()
          map.clear()
        }
        expect(table.size).toBe(map.size)
      }
      expect(IDS.map((id) => table.firstOf(id))).toEqual(IDS.map((id) => map.firstOf(id)))
      expect(IDS.map((id) => table.has(id))).toEqual(IDS.map((id) => map.has(id)))
    }),
    { numRuns: 300 },
  )
})

test('grows with its entries, and keeps all of them', () => {
  const maxIds = 5000
  const [table, map] = [new IdTable({ maxIds }), new MapOfIds({ maxIds })]
  const ids = Array.from({ length: 12_000 }, (_, index) => idOf(index))
  for (const [index, id] of ids.entries()) {
    for (const each of [id, ids[index >> 1] ?? id])
      expect(table.touch(each, BigInt(index), index)).toBe(map.touch(each, BigInt(index), index))
    if (index % 1000 === 999) {
      table.forgetBefore(index - 3000)
      map.forgetBefore(index - 3000)
    }
  }
  expect(table.size).toBe(map.size)
  expect(ids.filter((id) => table.firstOf(id) !== map.firstOf(id))).toEqual([])
})

test('allocates as it grows rather than for all ids at once', () => {
  const before = process.memoryUsage().arrayBuffers
  const table = new IdTable({ maxIds: 1_000_000 })
  const small = process.memoryUsage().arrayBuffers - before
  expect(small).toBeLessThan(1_000_000)
  expect(table.size).toBe(0)
})
