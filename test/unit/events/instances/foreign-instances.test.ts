import { expect, test } from 'vitest'
import { ForeignInstances } from '../../../../src/events/instances/foreign-instances.ts'

function setUp() {
  const clock = { now: 0 }
  return { clock, foreign: new ForeignInstances({ recordLifetimeMs: 150_000 }, { now: () => clock.now }) }
}

test('an event log counts as foreign while an instance of another bridge is alive in it', () => {
  const { clock, foreign } = setUp()
  expect(foreign.reason()).toBeUndefined()
  foreign.observe('b-0', 'live', 'bridge_id is "b"')
  clock.now = 60_000
  foreign.observe('b-0', 'live', 'bridge_id is "b"')
  clock.now = 210_000
  expect(foreign.reason()).toBe('bridge_id is "b"')
  clock.now = 210_001
  expect(foreign.reason()).toBeUndefined()
})

test('it is our own again at once when the foreign instance reports its end, or the event log was created again', () => {
  const { foreign } = setUp()
  foreign.observe('b-0', 'live', 'b')
  foreign.observe('c-0', 'live', 'c')
  foreign.observe('b-0', 'gone', 'b')
  expect(foreign.reason()).toBe('c')
  foreign.restart()
  expect(foreign.reason()).toBeUndefined()
})

test('it remembers a bounded number of foreign instances', () => {
  const { foreign } = setUp()
  for (let at = 0; at < 2000; at++) foreign.observe(`${at}`, 'live', `${at}`)
  for (let at = 0; at < 1000; at++) foreign.observe(`${at}`, 'gone', `${at}`)
  expect(foreign.reason()).toBeUndefined()
})
