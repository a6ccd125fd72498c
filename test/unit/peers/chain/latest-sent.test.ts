import { expect, test } from 'vitest'
import type { Announcement } from '../../../../src/messages/announcement.ts'
import { LatestSent } from '../../../../src/peers/chain/latest-sent.ts'
import { SAMPLES } from '../../../fixtures/announcements.ts'

const miningOn = (height: number): Announcement => ({ type: 'mining-on', miningOn: { ...SAMPLES['mining-on'].miningOn, height } })

test.each([
  ['announced later', 10, 2, null],
  ['announced earlier', 10, 0, '11'],
  ['announced later at a lower height, as after a reorganisation', 8, 2, null],
  ['higher, although the node’s clock was set back', 12, 0, null],
])('a state that is %s than the last one published', (_which, height, at, expected) => {
  const latest = new LatestSent()
  expect(latest.laterThan({ announcement: miningOn(11), data: Buffer.from('11'), at: 1 })).toBeUndefined()
  const later = latest.laterThan({ announcement: miningOn(height), data: Buffer.from('next'), at })
  expect(later ? Buffer.from(later.data).toString() : null).toBe(expected)
})

test('an announcement that is no state is never followed by another one', () => {
  const latest = new LatestSent()
  for (const at of [2, 1]) expect(latest.laterThan({ announcement: SAMPLES.block, data: Buffer.from('block'), at })).toBeUndefined()
})
