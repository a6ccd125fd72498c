import { expect, test } from 'vitest'
import type { Ban } from '../../../src/bans/ban.ts'
import type { BanQuota } from '../../../src/bans/ports.ts'
import { scoreBans } from '../../../src/scores/score-bans.ts'

const ban = {
  peerId: 'mallory',
  durationSeconds: 3600,
  reason: 'score 100 of 100: spam',
  cause: 'score:mallory:1',
  evidence: { points: 100 },
}

const quota: BanQuota = { door: 'score', windowMs: 1000, allows: () => true }

function setUp(old: Pick<Ban, 'until'> | undefined, { isOverQuota = false } = {}) {
  const applied: unknown[] = []
  const apply = scoreBans({
    find: (peerId) => old && { key: peerId, reason: 'by hand', since: 0, cause: 'x', ...old },
    async apply(command, origin) {
      applied.push({ command, origin })
      return { isOverQuota }
    },
    breaker: () => quota,
    now: () => 1_000_000,
  })
  return { apply, applied }
}

test('a ban by score goes through the door of scores, with its cause and evidence', async () => {
  const { apply, applied } = setUp(undefined)
  expect(await apply(ban)).toBe(true)
  expect(applied).toEqual([
    {
      command: { action: 'add', key: 'mallory', durationSeconds: 3600, reason: 'score 100 of 100: spam' },
      origin: { door: 'score', who: null, cause: 'score:mallory:1', evidence: { points: 100 }, quota },
    },
  ])
})

test('a ban over the quota of scores is no ban', async () => {
  const { apply } = setUp(undefined, { isOverQuota: true })
  expect(await apply(ban)).toBe(false)
})

test.each([
  ['a permanent one stays', null, 0],
  ['one that ends later stays', 5_000_000, 0],
  ['one that ends earlier is made longer', 2_000_000, 1],
])('of a ban that exists: %s', async (_what, until, count) => {
  const { apply, applied } = setUp({ until })
  await apply(ban)
  expect(applied).toHaveLength(count)
})
