import { expect, test } from 'vitest'
import { type Unusable, UnusableEntries } from '../../../src/bans/unusable.ts'

test('a hundred thousand unusable entries are one line, with the first keys and the first error', () => {
  const unusable = new UnusableEntries()
  const said: Unusable[] = []
  unusable.tell((each) => said.push(each))
  expect(said).toEqual([])
  for (let n = 0; n < 100_000; n++) unusable.add(`key ${n}`, `error ${n}`)
  unusable.tell((each) => said.push(each))
  expect(said).toEqual([{ count: 100_000, keys: Array.from({ length: 10 }, (_, n) => `key ${n}`), err: 'error 0' }])
})
