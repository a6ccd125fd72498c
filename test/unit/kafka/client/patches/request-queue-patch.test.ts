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
  const options = { requestTimeout: 3000, enforceRequestTimeout: true, maxInFlightRequests: null, isConnected: () => true, logger }
  const made = new RequestQueue(options)
  onTestFinished(() => made.destroy())
  made.scheduleRequestTimeoutCheck()
  const sent: number[] = []
  const failed: number[] = []
  const push = (correlationId: number, requestTimeout?: number) =>
    made.push({
      requestTimeout,
      entry: { correlationId, apiName: 'Metadata', resolve() {}, reject: () => failed.push(correlationId) },
      expectResponse: true,
      sendRequest: () => sent.push(correlationId),
    })
  return { queue: made, push, sent, failed }
}

test('an idle connection arms no timer; one that waits for answers arms one, which ends with the last of them', () => {
  const { queue: one, push } = queue()
  one.checkPendingRequests()
  expect(vi.getTimerCount()).toBe(0)
  for (const id of [1, 2, 3]) push(id)
  expect(vi.getTimerCount()).toBe(1)
  for (const correlationId of [1, 2, 3]) one.fulfillRequest({ correlationId, payload: null, size: 0 })
  vi.advanceTimersByTime(3000)
  expect(vi.getTimerCount()).toBe(0)
})

test('each request times out at its own time, whatever was asked before it and answered', () => {
  const { queue: one, push, failed } = queue()
  push(1, 10_000)
  vi.advanceTimersByTime(1000)
  push(2)
  vi.advanceTimersByTime(1000)
  push(3)
  one.fulfillRequest({ correlationId: 2, payload: null, size: 0 })
  vi.advanceTimersByTime(2990)
  expect(failed).toEqual([])
  vi.advanceTimersByTime(20)
  expect(failed).toEqual([3])
  vi.advanceTimersByTime(4970)
  expect(failed).toEqual([3])
  vi.advanceTimersByTime(40)
  expect(failed).toEqual([3, 1])
})

test('a closed connection arms no timer, and one that is opened again watches its requests', () => {
  const { queue: one, push, failed } = queue()
  push(1)
  one.destroy()
  expect(vi.getTimerCount()).toBe(0)
  one.rejectAll(new Error('closed'))
  one.scheduleRequestTimeoutCheck()
  push(2)
  vi.advanceTimersByTime(3010)
  expect(failed).toEqual([1, 2])
})

test.each([-120_000, 120_000])('a request times out when its time is over, even if the wall clock is set by %i ms', (byMs) => {
  const { push, failed } = queue()
  push(1)
  vi.setSystemTime(Date.now() + byMs)
  vi.advanceTimersByTime(2900)
  expect(failed).toEqual([])
  vi.advanceTimersByTime(110)
  expect(failed).toEqual([1])
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

test('a request that a quota held back times out too, counted from when it was sent', () => {
  const { queue: throttled, push, sent, failed } = queue()
  throttled.maybeThrottle(1000)
  push(1)
  vi.advanceTimersByTime(3900)
  expect([sent, failed]).toEqual([[1], []])
  vi.advanceTimersByTime(200)
  expect(failed).toEqual([1])
})
