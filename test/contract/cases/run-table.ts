import { expect, test } from 'vitest'
import type { Case } from './case.ts'
import type { Cluster } from './cluster.ts'
import type { Reader } from './readers/reader.ts'
import { type CaseOutcome, runCase } from './run-case.ts'

/** Number of concurrent cases. They mostly wait. */
const AT_ONCE = 5

/** A test for each case and reader. All cases start at the beginning, so each test only waits for the result of its case. */
export function runTable(cases: readonly Case[], readers: readonly Reader[], cluster: Cluster, { atOnce = AT_ONCE } = {}): void {
  const readersOf = ({ without }: Case) => readers.filter((reader) => without?.[reader.name] === undefined)
  const waiting = cases.map((each) => ({ each, outcome: Promise.withResolvers<CaseOutcome>() }))
  const outcomes = new Map(waiting.map(({ each, outcome }) => [each.name, outcome.promise]))
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      next.outcome.resolve(await runCase(next.each, readersOf(next.each), cluster))
    }
  }
  for (let lane = 0; lane < atOnce; lane++) void work()

  const cells = cases.flatMap((each) => readersOf(each).map(({ name }) => [each.name, name] as const))
  test.each(cells)('%s: %s', async (name, reader) => {
    const { broken, failures } = (await outcomes.get(name)) ?? {}
    if (broken !== undefined) throw broken
    const failure = failures?.get(reader)
    if (failure !== undefined) throw failure
    expect(failures?.has(reader)).toBe(true)
  })
}
