import { expect, test } from 'vitest'
import { Pulse, type PulseStation, pulseSentence } from '../../../../src/events/instances/pulse.ts'
import { Listeners } from '../../../../src/lifecycle/listeners.ts'

function setUp(...stations: PulseStation[]) {
  const clock = { now: 1_000_000 }
  const pulse = new Pulse({ bridgeId: 'a', hasOwnRecords: true }, { clock: { steady: () => clock.now } })
  for (const station of stations) pulse.watch(station)
  return { clock, pulse, ages: () => Object.fromEntries(pulse.ages()) }
}

test('a station is as old as the youngest record that has passed it', () => {
  const { clock, pulse, ages } = setUp('event-log', 'tail', 'websocket')
  pulse.began('one')
  clock.now += 100
  pulse.passed('event-log', 'one')
  clock.now += 60_000
  pulse.began('two')
  clock.now += 5000
  pulse.passed('event-log', 'two')
  pulse.cameBy('one', 7n)
  expect(ages()).toEqual({ 'event-log': 5000, tail: 65_100, websocket: 65_100 })
  pulse.passed('websocket', 'two')
  pulse.passed('websocket', 'one') // late, and overtaken
  expect(ages()).toMatchObject({ websocket: 5000 })
})

test('the age of a station that no record passes counts from the start of the watch', () => {
  const { clock, pulse, ages } = setUp('event-log')
  clock.now += 200_000
  pulse.watch('validation')
  pulse.watch('event-log')
  clock.now += 1000
  expect(ages()).toEqual({ 'event-log': 201_000, validation: 1000 })
  expect(pulseSentence(pulse.ages())).toBe('event-log 201 s (late), validation 1 s')
})

test('validation has passed a record when a later offset is committed, whichever comes first', () => {
  const { clock, pulse, ages } = setUp('tail', 'validation')
  clock.now += 10_000
  pulse.began('one')
  pulse.cameBy('one', 41n)
  pulse.committed(41n)
  expect(ages()).toEqual({ tail: 0, validation: 10_000 })
  pulse.committed(42n)
  expect(ages()).toEqual({ tail: 0, validation: 0 })
  clock.now += 60_000
  pulse.began('two')
  pulse.committed(43n)
  expect(ages()).toMatchObject({ validation: 60_000 })
  pulse.cameBy('two', 42n)
  expect(ages()).toMatchObject({ validation: 0 })
})

test('an offset of the old event log says nothing about one that was created again', () => {
  const { clock, pulse, ages } = setUp('validation')
  clock.now += 1000
  pulse.began('old')
  pulse.cameBy('old', 900n)
  pulse.restart()
  pulse.committed(1n)
  pulse.began('new')
  clock.now += 1000
  expect(ages()).toEqual({ validation: 2000 })
  pulse.cameBy('new', 0n)
  expect(ages()).toEqual({ validation: 1000 })
})

test('a former primary has no age for validation, and records of other bridges have no age at all', () => {
  const { clock, pulse, ages } = setUp('validation', 'event-log')
  clock.now += 5000
  pulse.passed('event-log', 'a stranger’s')
  pulse.unwatch('validation')
  pulse.passed('validation', 'a stranger’s')
  expect(ages()).toEqual({ 'event-log': 5000 })
})

test('validation is watched where and while the group assigns the event log to this process', () => {
  const { clock, pulse, ages } = setUp('event-log')
  const committed = new Listeners<bigint>()
  const assignment = new Listeners()
  let isAssigned = false
  const undo = pulse.followValidation(
    { onCommitted: (listener) => committed.add(listener) },
    { isAssigned: () => isAssigned, onAssignment: (listener) => assignment.add(listener) },
  )
  assignment.emit()
  expect(Object.keys(ages())).toEqual(['event-log'])
  isAssigned = true
  assignment.emit()
  clock.now += 1000
  pulse.began('one')
  pulse.cameBy('one', 6n)
  committed.emit(7n)
  expect(ages()).toMatchObject({ validation: 0 })
  isAssigned = false
  assignment.emit()
  expect(Object.keys(ages())).toEqual(['event-log'])
  undo()
  isAssigned = true
  assignment.emit()
  expect(Object.keys(ages())).toEqual(['event-log'])
})

test('it remembers a bounded number of records', () => {
  const { clock, pulse, ages } = setUp('event-log')
  for (let at = 0; at < 1000; at++) pulse.began(`${at}`)
  clock.now += 5000
  pulse.passed('event-log', '0')
  expect(ages()).toEqual({ 'event-log': 5000 })
})

test('before the first record there is nothing to report', () => {
  expect(pulseSentence([])).toBe('no instance record yet')
})
