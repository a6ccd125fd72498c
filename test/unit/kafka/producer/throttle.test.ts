import { expect, test, vi } from 'vitest'
import { Throttle } from '../../../../src/kafka/producer/throttle.ts'
import { SYSTEM_CLOCK } from '../../../../src/lifecycle/clock.ts'

function setUp() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const reconnect = vi.fn(async () => {})
  return { throttle: new Throttle({ clock: SYSTEM_CLOCK, reconnect }), reconnect }
}

async function pauseOf(throttle: Throttle): Promise<number> {
  const startedAt = performance.now()
  const waiting = throttle.pause(new AbortController().signal)
  await vi.runAllTimersAsync()
  await waiting
  return performance.now() - startedAt
}

test('without a quota nothing waits', async () => {
  const { throttle } = setUp()
  throttle.heed(0)
  expect(await pauseOf(throttle)).toBe(0)
})

test('the pause is as long as the broker says', async () => {
  const { throttle, reconnect } = setUp()
  throttle.heed(1200)
  throttle.heed(300)
  expect(await pauseOf(throttle)).toBe(1200)
  expect(reconnect).not.toHaveBeenCalled()
})

test('after five seconds of a long pause a new connection is tried, to notice a lifted quota', async () => {
  const { throttle, reconnect } = setUp()
  throttle.heed(890_000)
  expect(await pauseOf(throttle)).toBe(5000)
  expect(reconnect).toHaveBeenCalledOnce()
})

test('an end of the process ends the pause', async () => {
  const { throttle } = setUp()
  throttle.heed(890_000)
  const ended = new AbortController()
  const waiting = throttle.pause(ended.signal)
  ended.abort()
  await waiting
})

test('while a quota holds, only one request is sent at a time, in turns', async () => {
  const { throttle } = setUp()
  const { signal } = new AbortController()
  const order: string[] = []
  const request = async (name: string) => {
    const done = await throttle.turn(signal)
    order.push(`${name} begins`)
    await new Promise((resolve) => setTimeout(resolve, 10))
    order.push(`${name} ends`)
    throttle.heed(100)
    done()
  }
  throttle.heed(100)
  const all = Promise.all([request('a'), request('b'), request('c')])
  await vi.runAllTimersAsync()
  await all
  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  throttle.heed(0)
  const free = await Promise.all([throttle.turn(signal), throttle.turn(signal)])
  expect(free).toHaveLength(2)
})
