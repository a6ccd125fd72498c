import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { HealthLog } from '../../../src/lifecycle/health-log.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setup() {
  const said: string[] = []
  const healthLog = new HealthLog(
    { everyMs: 1000 },
    { say: ({ part, ready, reason }) => said.push(`${part} ${ready ? '+' : '-'} ${reason}`) },
  )
  const changed = (part: string, ready: boolean, reason: string) => healthLog.changed({ part, ready, reason })
  return { said, healthLog, changed }
}

test('a change of readiness is said at once, each time', () => {
  const { said, changed } = setup()
  changed('group', true, 'ok')
  changed('group', false, 'Kafka is away')
  changed('group', true, 'ok')
  changed('group', false, 'Kafka is away')
  expect(said).toEqual(['group + ok', 'group - Kafka is away', 'group + ok', 'group - Kafka is away'])
})

test('of reasons that follow each other within the time only the first and the last are said, for each part by itself', () => {
  const { said, changed } = setup()
  for (const partition of [0, 1, 2, 3]) changed('group', false, `${partition} cannot be read`)
  changed('producer', false, 'away')
  expect(said).toEqual(['group - 0 cannot be read', 'producer - away'])
  vi.advanceTimersByTime(1000)
  expect(said).toEqual(['group - 0 cannot be read', 'producer - away', 'group - 3 cannot be read'])
  vi.advanceTimersByTime(10_000)
  expect(said).toHaveLength(3)
  changed('group', false, 'another reason, later')
  expect(said.at(-1)).toBe('group - another reason, later')
})

test('a reason that comes back within the time is not said again', () => {
  const { said, changed } = setup()
  for (const reason of ['one', 'two', 'one']) changed('group', false, reason)
  vi.advanceTimersByTime(5000)
  expect(said).toEqual(['group - one'])
})

test('a stop leaves no timer, and says nothing late', () => {
  const { said, healthLog, changed } = setup()
  for (const reason of ['one', 'two']) changed('group', false, reason)
  healthLog.stop()
  vi.advanceTimersByTime(5000)
  expect(said).toEqual(['group - one'])
  for (const reason of ['three', 'four']) changed('group', false, reason)
  expect(said).toEqual(['group - one', 'group - three', 'group - four'])
  expect(vi.getTimerCount()).toBe(0)
})
