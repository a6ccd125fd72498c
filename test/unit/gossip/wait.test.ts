import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { wait, withDeadline, withJitter } from '../../../src/gossip/wait.ts'

const never = new Promise<never>(() => {})

test('a sleep ends with its signal, without an error', async () => {
  const stopping = new AbortController()
  const sleeping = wait(60_000, stopping.signal)
  stopping.abort()
  await sleeping
})

test('jitter stays within a fifth', () => {
  expect([0, 0.5, 1].map((random) => Math.round(withJitter(100, () => random)))).toEqual([80, 100, 120])
})

test('a call that does not heed its signal is left behind at the deadline', async () => {
  await expect(withDeadline(10, new AbortController().signal, () => never)).rejects.toThrow('no answer within 10 ms')
})

test('a call sees the end of everything, and nothing listens for it afterwards', async () => {
  const stopping = new AbortController()
  const calling = withDeadline(
    60_000,
    stopping.signal,
    (signal) => new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('saw it'))),
  )
  stopping.abort(new Error('stop'))
  await expect(calling).rejects.toThrow('stop')
  await expect(withDeadline(60_000, stopping.signal, async () => 'too late')).rejects.toThrow('stop')
  expect(getEventListeners(stopping.signal, 'abort')).toEqual([])
})

test('the result of a call comes through, its error too', async () => {
  const { signal } = new AbortController()
  expect(await withDeadline(1000, signal, async () => 'done')).toBe('done')
  await expect(withDeadline(1000, signal, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
