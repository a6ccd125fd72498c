import { expect, test } from 'vitest'
import { bansInForce } from '../../../../src/bans/published/in-force.ts'

const ban = (key: string, until: number | null, since = 0) => ({ key, until, since, reason: '', cause: key })
const [OVER, SOON, FOR_GOOD] = [ban('over', 1000, 3), ban('soon', 2000, 2), ban('for good', null, 1)]
const all = [OVER, SOON, FOR_GOOD]

test.each([
  ['both clocks agree', { own: 1500, eventLog: 1500 }, ['for good', 'soon'], undefined],
  ['the own clock is behind', { own: 10, eventLog: 1500 }, ['for good', 'soon'], undefined],
  [
    'the own clock is ahead',
    { own: 9_000_000, eventLog: 1500 },
    ['for good', 'soon'],
    /^1 of these bans is over by the clock of this machine/,
  ],
  [
    'nothing was written since',
    { own: 2500, eventLog: 500 },
    ['for good', 'soon', 'over'],
    /^2 of these bans are .*reached 1970-01-01T00:00:00.500Z/,
  ],
  ['the event log cannot be read', { own: 1500, eventLog: undefined }, ['for good', 'soon'], undefined],
])('the bans in force where %s', (_, clocks, keys, remark) => {
  const found = bansInForce(all, clocks)
  expect(found.bans.map(({ key }) => key)).toEqual(keys)
  if (remark) expect(found.remark).toMatch(remark)
  else expect(found.remark).toBeUndefined()
})
