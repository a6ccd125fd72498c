import { expect, test } from 'vitest'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { Health, type PartReport } from '../../../src/lifecycle/health.ts'

test('is ready when every part is', () => {
  const health = new Health({ clock: SYSTEM_CLOCK })
  const kafka = health.part('kafka')
  const gossip = health.part('gossip')
  expect(health.report()).toMatchObject({ ready: false, parts: [{ part: 'kafka', reason: 'starting' }, { part: 'gossip' }] })
  kafka.ready()
  gossip.ready('2 peers')
  expect(health.report()).toEqual({
    ready: true,
    parts: [
      { part: 'kafka', ready: true, reason: 'ok' },
      { part: 'gossip', ready: true, reason: '2 peers' },
    ],
  })
  kafka.notReady('no broker answers')
  expect(health.report().ready).toBe(false)
})

test('each change of state is reported once', () => {
  const told: PartReport[] = []
  const health = new Health({ clock: SYSTEM_CLOCK, onChange: (report) => told.push(report) })
  const part = health.part('kafka')
  part.notReady('no broker answers')
  part.notReady('no broker answers')
  part.ready()
  part.ready('3 brokers')
  part.notReady('topic blocks is missing')
  expect(told.map(({ ready, reason }) => [ready, reason])).toEqual([
    [false, 'no broker answers'],
    [true, 'ok'],
    [false, 'topic blocks is missing'],
  ])
})

test('a part with patience counts as ready for a while after it was, but never before its first time', () => {
  let now = 0
  const health = new Health({ clock: { steady: () => now } })
  const group = health.part('group log', { patienceMs: 10_000 })
  group.notReady('no broker answers')
  expect(health.report().ready).toBe(false)
  group.ready()
  now = 1000
  group.notReady('the group is joined anew')
  now = 10_999
  group.notReady('no broker answers')
  expect(health.report()).toEqual({
    ready: true,
    parts: [{ part: 'group log', ready: false, reason: 'no broker answers', isSettling: true }],
  })
  now = 11_000
  expect(health.report()).toEqual({ ready: false, parts: [{ part: 'group log', ready: false, reason: 'no broker answers' }] })
  group.ready()
  group.notReady('the group is joined anew')
  expect(health.report().ready).toBe(true)
})

test('a note is a line created at each report, and has no effect on readiness', () => {
  const health = new Health({ clock: SYSTEM_CLOCK })
  const part = health.part('log')
  let ageMs = 5
  health.note('pulse', () => `tail ${ageMs}`)
  ageMs = 9
  expect(health.report()).toEqual({
    ready: false,
    parts: [
      { part: 'log', ready: false, reason: 'starting' },
      { part: 'pulse', ready: true, reason: 'tail 9' },
    ],
  })
  part.ready()
  expect(health.report().ready).toBe(true)
})

test('a part that asks for its entry again keeps its state', () => {
  const health = new Health({ clock: SYSTEM_CLOCK })
  health.part('group gossip').ready('not a member')
  health.part('group gossip')
  expect(health.report().ready).toBe(true)
})
