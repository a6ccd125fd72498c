import { expect, onTestFinished, test, vi } from 'vitest'
import { type TopicInspection, TopicWatch } from '../../../src/events/topic-watch.ts'

const MINUTE = 60_000

function watch(first: TopicInspection | Error) {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const state = { found: first, looks: 0 }
  const said: string[] = []
  const logged: string[] = []
  const made = new TopicWatch(
    { windowMs: 10 * MINUTE },
    {
      inspect: async () => {
        state.looks += 1
        if (state.found instanceof Error) throw state.found
        return state.found
      },
      health: { ready: () => void said.push('ready'), notReady: (reason) => void said.push(reason) },
      log: { warn: (text: string) => void logged.push(text), debug: () => {} } as never,
    },
  )
  made.start()
  onTestFinished(() => made.stop())
  return { state, said, logged, made }
}

test('a fault is reported with its fix, and checked each second until it is repaired', async () => {
  const { state, said } = watch({ findings: [{ problem: 'the topic has 3 partitions', fix: 'create it with 1' }] })
  await vi.advanceTimersByTimeAsync(2500)
  expect(said.at(-1)).toBe('the topic has 3 partitions: create it with 1')
  expect(state.looks).toBe(3)
  state.found = { findings: [], config: {} }
  await vi.advanceTimersByTimeAsync(1000)
  expect(said.at(-1)).toBe('ready')
  await vi.advanceTimersByTimeAsync(MINUTE)
  expect(state.looks).toBe(5)
})

test.each([
  ['records are kept for less than two windows', { findings: [], config: { 'retention.ms': '900000' } }, 'kept for 900 s only'],
  ['the settings may not be described', { findings: [] }, 'grant DescribeConfigs'],
])('a warning is logged once: %s', async (_, found, text) => {
  const { logged } = watch(found)
  await vi.advanceTimersByTimeAsync(3 * MINUTE)
  expect(logged).toEqual([expect.stringContaining(text)])
})

test('a missing topic is left to its readers and writers', async () => {
  const { said, logged, made } = watch(new Error('the topic does not exist'))
  await vi.advanceTimersByTimeAsync(5000)
  expect(said).toEqual([])
  expect(logged).toEqual([])
  await made.stop()
  expect(vi.getTimerCount()).toBe(0)
})
