import { expect, test } from 'vitest'
import { LatestCommit } from '../../../../src/events/following/latest-commit.ts'
import { SYSTEM_CLOCK } from '../../../../src/lifecycle/clock.ts'
import { eventually } from '../../../support/eventually.ts'

/** A coordinator whose answers come when the test says so. */
function coordinator({ everyMs = 0 } = {}) {
  const asked: { next: bigint; answer: () => void; refuse: (error: Error) => void }[] = []
  const commits = new LatestCommit(
    { everyMs },
    { commit: ({ next }) => new Promise((answer, refuse) => asked.push({ next, answer, refuse })), clock: SYSTEM_CLOCK },
  )
  return { asked, commits }
}

test('commits one at a time, and of the offsets that arrive meanwhile only the latest', async () => {
  const { asked, commits } = coordinator()
  for (const next of [1n, 2n, 3n]) commits.push({ next: next, fingerprint: '' })
  expect(asked.map(({ next }) => next)).toEqual([1n])
  asked[0]?.answer()
  await eventually(() => expect(asked.map(({ next }) => next)).toEqual([1n, 3n]))
  expect(commits.committed).toBe(1n)
  asked[1]?.answer()
  await commits.settled()
  expect(commits.committed).toBe(3n)
})

test('reports the error of a failed commit once, and continues with the next', async () => {
  const { asked, commits } = coordinator()
  commits.push({ next: 1n, fingerprint: '' })
  asked[0]?.refuse(new Error('another generation'))
  await commits.settled()
  expect(() => commits.check()).toThrow('another generation')
  expect(() => commits.check()).not.toThrow()
  expect(commits.committed).toBeUndefined()
  commits.push({ next: 2n, fingerprint: '' })
  asked[1]?.answer()
  await commits.settled()
  expect(commits.committed).toBe(2n)
})

test('is settled at once when there is nothing to commit', async () => {
  await coordinator().commits.settled()
})

test('a caller that needs only a part committed does not wait for the rest', async () => {
  const { asked, commits } = coordinator()
  commits.push({ next: 5n, fingerprint: '' })
  const reached = [commits.reached(3n), commits.reached(5n)]
  commits.push({ next: 9n, fingerprint: '' })
  asked[0]?.answer()
  await Promise.all(reached)
  expect(commits.committed).toBe(5n)
  const failed = commits.reached(9n)
  await eventually(() => expect(asked.length).toBe(2))
  asked[1]?.refuse(new Error('another generation'))
  await failed
  expect(() => commits.check()).toThrow('another generation')
  await commits.reached(9n) // nothing is under way
})

test('leaves the minimum time between two commits', async () => {
  const { asked, commits } = coordinator({ everyMs: 40 })
  const startedAt = performance.now()
  commits.push({ next: 1n, fingerprint: '' })
  asked[0]?.answer()
  await commits.settled()
  commits.push({ next: 2n, fingerprint: '' })
  commits.push({ next: 3n, fingerprint: '' })
  await eventually(() => expect(asked.map(({ next }) => next)).toEqual([1n, 3n]), { intervalMs: 1 })
  // Node.js counts timers in whole milliseconds, from the beginning of a turn of the event loop: they come a little early.
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(30)
})

test('a caller that waits for a commit skips the minimum time', async () => {
  const { asked, commits } = coordinator({ everyMs: 3_600_000 })
  commits.push({ next: 1n, fingerprint: '' })
  await eventually(() => expect(asked.length).toBe(1))
  asked[0]?.answer()
  await eventually(() => expect(commits.committed).toBe(1n))
  commits.push({ next: 2n, fingerprint: '' })
  const settled = commits.settled()
  await eventually(() => expect(asked.length).toBe(2))
  asked[1]?.answer()
  await settled
  expect(commits.committed).toBe(2n)
})

test('an urgent commit skips the minimum time', async () => {
  const { asked, commits } = coordinator({ everyMs: 3_600_000 })
  commits.push({ next: 1n, fingerprint: '' })
  asked[0]?.answer()
  await eventually(() => expect(commits.committed).toBe(1n))
  commits.push({ next: 2n, fingerprint: '' })
  commits.push({ next: 3n, fingerprint: '' }, { isUrgent: true })
  await eventually(() => expect(asked.map(({ next }) => next)).toEqual([1n, 3n]))
  asked[1]?.answer()
  await commits.settled()
})
