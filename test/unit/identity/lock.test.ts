import { expect, onTestFinished, test } from 'vitest'
import { answerDeadlineMs, IdentityLock } from '../../../src/identity/lock.ts'
import type { HoldOutcome } from '../../../src/identity/ports.ts'
import { eventually } from '../../support/eventually.ts'
import { createTestClock } from '../../support/test-clock.ts'

const OTHER: HoldOutcome = { kind: 'busy', holder: { instanceId: 'gb-2', host: 'h', since: new Date(0) } }
const HOUR_MS = 3_600_000

/** Sessions and a clock that the test controls. */
function setUp({ leaseMs = 1000 as number | null, renewEachMs = 5 } = {}) {
  const said: string[] = []
  const clock = createTestClock()
  const state = { isAway: false, answer: { kind: 'held' } as HoldOutcome, renewals: 0, released: 0 }
  const ends = new Set<AbortController>()
  const openSession = () => {
    const ended = new AbortController()
    ends.add(ended)
    return {
      ended: ended.signal,
      hold: async () => state.answer,
      renew: async () => {
        if (state.isAway) throw new Error('no answer')
        state.renewals += 1
      },
      release: async () => {
        state.released += 1
      },
      end: () => ended.abort(new Error('ended')),
    }
  }
  const open = async () => {
    if (state.isAway) throw new Error('no Postgres')
    return openSession()
  }
  const lock = new IdentityLock({ peerId: '12D3KooWa', leaseMs, renewEachMs }, { open, clock })
  onTestFinished(() => lock.stop({ isUnused: true }))
  const start = () =>
    lock.start({
      held: () => said.push('held'),
      unheld: () => said.push('unheld'),
      lost: ({ message }) => said.push(`lost: ${message}`),
    })
  const cut = () => {
    for (const ended of ends) ended.abort(new Error('cut'))
    ends.clear()
  }
  return { lock, start, said, state, clock, cut, openSession }
}

test('is renewed repeatedly, and given back at the end', async () => {
  const { lock, start, said, state, openSession } = setUp()
  expect(await lock.take(openSession())).toEqual({ kind: 'held' })
  start()
  await eventually(() => expect(state.renewals).toBeGreaterThan(2))
  await lock.stop({ isUnused: true })
  expect(said).toEqual(['held'])
  expect(state.released).toBe(1)
})

test('is not given back while its host may still run: the lease must expire', async () => {
  const { lock, start, state, openSession } = setUp()
  await lock.take(openSession())
  start()
  await lock.stop({ isUnused: false })
  expect(state.released).toBe(0)
})

test('reconnects after a lost connection, and takes the lock again', async () => {
  const { lock, start, said, cut, openSession } = setUp()
  await lock.take(openSession())
  start()
  cut()
  await eventually(() => expect(said).toEqual(['held', 'unheld', 'held']))
})

test('is lost half of the lease after the last answered request was sent, and not before', async () => {
  const { lock, start, said, state, clock, openSession } = setUp()
  await lock.take(openSession())
  start()
  state.isAway = true
  await eventually(() => expect(said).toEqual(['held', 'unheld']))
  clock.pass(499)
  expect(lock.isSure()).toBe(true)
  clock.pass(1)
  expect(lock.isSure()).toBe(false)
  await eventually(() => expect(said).toHaveLength(3))
  expect(said[2]).toMatch(/^lost: Postgres has not confirmed for 1 s that 12D3KooWa is ours/)
})

test('is lost at once when the machine was suspended for longer than that, even with an open connection', async () => {
  const { lock, start, said, clock, openSession } = setUp({ renewEachMs: 60_000 })
  await lock.take(openSession())
  start()
  clock.suspend(10_000)
  expect(lock.isSure()).toBe(false)
  await eventually(() => expect(said[1]).toMatch(/^lost: Postgres has not confirmed for 10 s .*, and in 0 s another instance may take it$/))
})

test('is lost at once when the process was frozen for longer than that', async () => {
  const { lock, start, said, clock, openSession } = setUp({ renewEachMs: 60_000 })
  await lock.take(openSession())
  start()
  clock.pass(10_000)
  expect(lock.isSure()).toBe(false)
  await eventually(() => expect(said[1]).toMatch(/^lost/))
})

test.each([HOUR_MS, -HOUR_MS])('is not lost when the wall clock is set by %d ms', async (stepMs) => {
  const { lock, start, said, state, clock, openSession } = setUp()
  await lock.take(openSession())
  start()
  clock.stepWall(stepMs)
  expect(lock.isSure()).toBe(true)
  const { renewals } = state
  await eventually(() => expect(state.renewals).toBeGreaterThan(renewals + 20)) // the watch has checked several times since
  expect(said).toEqual(['held'])
})

test('is lost at once when another instance has it', async () => {
  const { lock, start, said, state, cut, openSession } = setUp()
  await lock.take(openSession())
  start()
  state.answer = OTHER
  cut()
  await eventually(() => expect(said.at(-1)).toMatch(/^lost: 12D3KooWa is now held by the instance gb-2 on h /))
})

test('without a lease it survives any outage of Postgres, and is lost only when another instance has it', async () => {
  const { lock, start, said, state, clock, cut, openSession } = setUp({ leaseMs: null })
  await lock.take(openSession())
  start()
  state.isAway = true
  clock.pass(1e9)
  cut()
  await eventually(() => expect(said).toEqual(['held', 'unheld']))
  state.isAway = false
  await eventually(() => expect(said).toEqual(['held', 'unheld', 'held']))
  state.answer = OTHER
  cut()
  await eventually(() => expect(said.at(-1)).toMatch(/^lost/))
})

test.each([
  [6000, 1000],
  [30_000, 5000],
  [600_000, 5000],
])('a lease of %d ms leaves time for several attempts to renew: each answer may take %d ms', (leaseMs, deadlineMs) => {
  expect(answerDeadlineMs(leaseMs)).toBe(deadlineMs)
})
