import { expect, test } from 'vitest'
import { readSources } from '../support/import-graph.ts'

const sources = readSources(new URL('../../src', import.meta.url).pathname)
/** `main.ts` is the process itself; what `lifecycle/time.ts` keeps belongs to a signal and ends with it. */
const ALLOWED = ['lifecycle/time.ts', 'main.ts']
const STATE = /^(?:export )?(?:let |var |const \w+(?:: .+)? = new (?:Weak)?(?:Map|Set)(?:<.*>)?\(\))/m

test('no module keeps state: what changes belongs to an object that somebody has made, and that ends with its owner', () => {
  const stateful = sources.filter(({ text }) => STATE.test(text)).map(({ file }) => file)
  expect(stateful.toSorted()).toEqual(ALLOWED)
})
