import { createRequire } from 'node:module'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { patchRequestQueue } from '../../../../../src/kafka/client/patches/request-queue-patch.ts'

const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue')

beforeAll(() => {
  patchRequestQueue()
  patchRequestQueue()
})

function queue() {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const logger = { debug() {}, warn() {} }
  const made = new RequestQueue({ requestTimeout: 3000, enforceRequestTimeout: true, maxInFlightRequests: null, logger })
  onTestFinished(() => made.destroy())
  made.scheduleRequestTimeoutCheck()
  const sent: number[] = []
  const failed: string[] = []
  const push = (correlationId: number) =>
    made.push({
      entry: { correlationId, apiName: 'Metadata', resolve() {}, reject: (error: Error) => failed.push(error.name) },
      expectResponse: true,
      sendRequest: () => sent.push(correlationId),
    })
  return { queue: made, push, sent, failed }
}

test('an idle connection arms only one timer, a check for late requests every half second', () => {
  const { queue: idle } = queue()
  idle.checkPendingRequests()
  expect(vi.getTimerCount()).toBe(1)
})

test.each([-120_000, 120_000])('a request times out when its time is over, even if the wall clock is set by %i ms', (byMs) => {
  const { push, failed } = queue()
  push(1)
  vi.setSystemTime(Date.now() + byMs)
  vi.advanceTimersByTime(2900)
  expect(failed).toEqual([])
  vi.advanceTimersByTime(700)
  expect(failed).toEqual(['KafkaJSRequestTimeoutError'])
})

test.each([-120_000, 120_000])(
  'a throttled connection is silent for as long as it should, though the wall clock is set by %i ms',
  (byMs) => {
    const { queue: throttled, push, sent } = queue()
    throttled.maybeThrottle(1000)
    push(1)
    vi.setSystemTime(Date.now() + byMs)
    vi.advanceTimersByTime(900)
    push(2)
    expect(sent).toEqual([])
    vi.advanceTimersByTime(200)
    expect(sent).toEqual([1, 2])
  },
)

test.each([undefined, null, 0])('an answer that does not throttle, with %s, holds nothing back', (throttleMs) => {
  const { queue: open, push, sent } = queue()
  open.maybeThrottle(throttleMs)
  push(1)
  expect(sent).toEqual([1])
})
