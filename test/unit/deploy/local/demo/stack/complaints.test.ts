import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Complaints } from '../../../../../../deploy/local/demo/stack/complaints.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const line = (level: string, time: number | string = new Date().toISOString()) => JSON.stringify({ level, time, msg: 'x' })

test('warnings count between the time when all are ready and the stop, whenever their lines come; errors count always', () => {
  const complaints = new Complaints()
  const early = line('warn')
  complaints.hear(early)
  complaints.hear(line('error'))
  vi.advanceTimersByTime(1000)
  complaints.countWarnings()
  complaints.hear(early) // a pipe may be late
  complaints.hear(line('warn'))
  complaints.hear(line('warn', Date.now()))
  complaints.hear(line('info'))
  const late = line('warn')
  vi.advanceTimersByTime(1000)
  complaints.ignoreWarnings()
  complaints.hear(late)
  complaints.hear(line('warn'))
  complaints.hear(line('fatal'))
  expect(complaints.counts()).toEqual({ warnings: 3, errors: 2 })
})

test('what is no line of a log counts for nothing, and a warning without a time counts now', () => {
  const complaints = new Complaints()
  complaints.countWarnings()
  complaints.hear('Segmentation fault')
  complaints.hear('')
  complaints.hear('{"level":40,"msg":"x"}')
  expect(complaints.counts()).toEqual({ warnings: 1, errors: 0 })
})
