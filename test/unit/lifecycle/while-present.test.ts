import { expect, onTestFinished, test, vi } from 'vitest'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { WhilePresent } from '../../../src/lifecycle/while-present.ts'

function whilePresent() {
  vi.useFakeTimers()
  const state = { isPresent: false, failing: false }
  const said: string[] = []
  const made = new WhilePresent(
    { checkEachMs: 100, stopAfterMs: 1000 },
    {
      clock: SYSTEM_CLOCK, // by the fake timers
      isPresent: () => state.isPresent,
      start: async () => {
        if (state.failing) throw new Error('not now')
        said.push('started')
        return { stop: async () => void said.push('stopped') }
      },
      onAway: () => said.push('away'),
      onError: () => said.push('failed'),
    },
  )
  made.start()
  onTestFinished(async () => {
    await made.stop()
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })
  return { made, state, said }
}

test('it runs while the other is present, and a short absence changes nothing', async () => {
  const { state, said } = whilePresent()
  await vi.advanceTimersByTimeAsync(500)
  expect(said).toEqual(['away'])
  state.isPresent = true
  await vi.advanceTimersByTimeAsync(100)
  state.isPresent = false
  await vi.advanceTimersByTimeAsync(800)
  state.isPresent = true
  await vi.advanceTimersByTimeAsync(500)
  expect(said).toEqual(['away', 'started'])
  state.isPresent = false
  await vi.advanceTimersByTimeAsync(1200)
  expect(said).toEqual(['away', 'started', 'away', 'stopped'])
})

test('a failed start is tried again', async () => {
  const { state, said } = whilePresent()
  Object.assign(state, { isPresent: true, failing: true })
  await vi.advanceTimersByTimeAsync(100)
  state.failing = false
  await vi.advanceTimersByTimeAsync(100)
  expect(said).toEqual(['away', 'failed', 'started'])
})

test('its stop stops the running dependent', async () => {
  const { made, state, said } = whilePresent()
  state.isPresent = true
  await vi.advanceTimersByTimeAsync(100)
  await made.stop()
  expect(said).toEqual(['away', 'started', 'stopped'])
})
