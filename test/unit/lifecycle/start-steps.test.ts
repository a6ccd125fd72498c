import { expect, onTestFinished, test, vi } from 'vitest'
import { StartSteps } from '../../../src/lifecycle/start-steps.ts'

function steps() {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const controller = new AbortController()
  const waiting: string[] = []
  return { controller, waiting, made: new StartSteps({ signal: controller.signal, onWaiting: (step) => waiting.push(step) }) }
}

test('a step that takes long is named, a short one is not', async () => {
  const { made, waiting } = steps()
  expect(await made.run('short', async () => 7)).toBe(7)
  const long = made.run('producer', () => new Promise<void>((resolve) => setTimeout(resolve, 5000)))
  await vi.advanceTimersByTimeAsync(999)
  expect(waiting).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(waiting).toEqual(['producer'])
  await vi.advanceTimersByTimeAsync(5000)
  await long
  expect(vi.getTimerCount()).toBe(0)
})

test('a step that fails ends the start', async () => {
  const { made } = steps()
  await expect(made.run('bans', () => Promise.reject(new Error('no table')))).rejects.toThrow('no table')
  expect(vi.getTimerCount()).toBe(0)
})

test('when the process has to end, the current step is the last one', async () => {
  const { made, controller } = steps()
  const started: string[] = []
  const first = made.run('first', async () => controller.abort(new Error('stopped by SIGTERM')))
  await expect(first).rejects.toThrow('stopped by SIGTERM')
  await expect(made.run('second', async () => started.push('second'))).rejects.toThrow('stopped by SIGTERM')
  expect(started).toEqual([])
})
