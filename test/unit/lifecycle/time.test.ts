import { getEventListeners } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import {
  callWithDeadline,
  createBackOff,
  DeadlineError,
  repeat,
  sleep,
  unlessAborted,
  withDeadline,
  withJitter,
} from '../../../src/lifecycle/time.ts'

const never = new Promise<never>(() => {})

test('late work ends in an error that names it', async () => {
  await expect(withDeadline(never, 10, 'reading a topic')).rejects.toThrow(new DeadlineError('reading a topic took longer than 10 ms'))
  expect(await withDeadline(Promise.resolve('in time'), 1000, 'reading a topic')).toBe('in time')
})

test('a race with a signal ends with its reason, and leaves no listener', async () => {
  const stopping = new AbortController()
  const work = unlessAborted(never, stopping.signal)
  stopping.abort(new Error('stop'))
  await expect(work).rejects.toThrow('stop')
  await expect(unlessAborted(Promise.resolve(1), stopping.signal)).rejects.toThrow('stop')
  expect(getEventListeners(stopping.signal, 'abort')).toEqual([])
})

test('work that fails after its race causes no unhandled rejection', async () => {
  const stopping = new AbortController()
  const { promise, reject } = Promise.withResolvers<never>()
  const lost = unlessAborted(promise, stopping.signal).catch((error: Error) => error.message)
  stopping.abort(new Error('stop'))
  reject(new Error('too late'))
  expect(await lost).toBe('stop')
})

test('a call is aborted by the deadline and by the signal', async () => {
  const seen: string[] = []
  const listen = (signal: AbortSignal) => {
    signal.addEventListener('abort', () => seen.push((signal.reason as Error).message))
    return never
  }
  const { signal } = new AbortController()
  await expect(callWithDeadline({ ms: 10, what: 'a dial', signal }, listen)).rejects.toThrow('a dial took longer than 10 ms')
  const stopping = new AbortController()
  const calling = callWithDeadline({ ms: 60_000, what: 'a dial', signal: stopping.signal }, listen)
  stopping.abort(new Error('stop'))
  await expect(calling).rejects.toThrow('stop')
  expect(seen).toEqual(['a dial took longer than 10 ms', 'stop'])
  expect(getEventListeners(stopping.signal, 'abort')).toEqual([])
})

test('the result and the error of a call are passed on', async () => {
  const { signal } = new AbortController()
  expect(await callWithDeadline({ ms: 1000, what: 'a call', signal }, async () => 'done')).toBe('done')
  await expect(callWithDeadline({ ms: 1000, what: 'a call', signal }, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
})

test('a sleep ends with its signal, without an error', async () => {
  const stopping = new AbortController()
  const sleeping = sleep(60_000, stopping.signal)
  stopping.abort()
  await sleeping
  await sleep(60_000, stopping.signal)
  expect(getEventListeners(stopping.signal, 'abort')).toEqual([])
})

test('hundreds of sleeps may wait for one signal without a warning of Node', async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  onTestFinished(() => void process.off('warning', onWarning))
  const stopping = new AbortController()
  const sleeps = Array.from({ length: 300 }, () => sleep(60_000, stopping.signal))
  await sleep(1) // warnings come in the next tick
  stopping.abort()
  await Promise.all(sleeps)
  expect(warnings).toEqual([])
})

test('pauses double up to the longest, and start over after a success', () => {
  const backOff = createBackOff(50, 150)
  expect([backOff.next(), backOff.next(), backOff.next()]).toEqual([50, 100, 150])
  backOff.reset()
  expect(backOff.next()).toBe(50)
})

test('jitter stays within a fifth', () => {
  expect([0, 0.5, 1].map((random) => Math.round(withJitter(100, () => random)))).toEqual([80, 100, 120])
})

test('rounds continue after a failed one, and end with the signal', async () => {
  const stopping = new AbortController()
  const errors: unknown[] = []
  let rounds = 0
  await repeat({ everyMs: 1, isFirstNow: true, signal: stopping.signal, onError: (error) => errors.push(error) }, () => {
    rounds += 1
    if (rounds === 3) stopping.abort()
    throw new Error(`round ${rounds}`)
  })
  expect(rounds).toBe(3)
  expect(errors).toEqual([new Error('round 1'), new Error('round 2')])
})
