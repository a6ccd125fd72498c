import { expect, test } from 'vitest'
import { ForeignInstances } from '../../../../src/events/instances/foreign-instances.ts'

function setUp() {
  const clock = { now: 0 }
  return { clock, foreign: new ForeignInstances({ recordLifetimeMs: 150_000 }, { now: () => clock.now }) }
}

test('a log is somebody else’s while one of their instances lives in it', () => {
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

test('it is the own one again at once when the stranger has said that it goes, or the log was made anew', () => {
  const { foreign } = setUp()
  foreign.observe('b-0', 'live', 'b')
  foreign.observe('c-0', 'live', 'c')
  foreign.observe('b-0', 'gone', 'b')
  expect(foreign.reason()).toBe('c')
  foreign.restart()
  expect(foreign.reason()).toBeUndefined()
})

test('it remembers a bounded number of strangers', () => {
  const { foreign } = setUp()
  for (let at = 0; at < 2000; at++) foreign.observe(`${at}`, 'live', `${at}`)
  for (let at = 0; at < 1000; at++) foreign.observe(`${at}`, 'gone', `${at}`)
  expect(foreign.reason()).toBeUndefined()
})
