import { expect, test } from 'vitest'
import { QuietWatch } from '../../../src/events/quiet-watch.ts'
import type { EventLogSubscriber } from '../../../src/events/reading/subscribers.ts'

function createWatch() {
  const state = { now: 1000, isLive: true }
  let subscriber: EventLogSubscriber = {}
  const quiet = new QuietWatch({ clock: { steady: () => state.now } })
  const view = {
    isLive: () => state.isLive,
    subscribe(each: EventLogSubscriber) {
      subscriber = each
      return () => {}
    },
  }
  return { quiet, view, state, event: () => subscriber.onEntries?.({ entries: [], next: 1n, isReadBack: false }) }
}

test('it is quiet 5 s after the last event', async () => {
  const { quiet, view, state, event } = createWatch()
  quiet.follow(view)
  state.now += 5000
  expect(quiet.isQuiet()).toBe(false)
  state.now += 1
  expect(quiet.isQuiet()).toBe(true)
  await event()
  expect(quiet.isQuiet()).toBe(false)
})

test('it is not quiet while the event log cannot be read, nor before it is followed', () => {
  const { quiet, view, state } = createWatch()
  state.now += 60_000
  expect(quiet.isQuiet()).toBe(false)
  quiet.follow(view)
  state.isLive = false
  expect(quiet.isQuiet()).toBe(false)
  state.isLive = true
  expect(quiet.isQuiet()).toBe(true)
})
