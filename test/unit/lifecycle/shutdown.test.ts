import { expect, test } from 'vitest'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { Shutdown } from '../../../src/lifecycle/shutdown.ts'

function createShutdown(deadlineMs = 1000) {
  const exits: number[] = []
  const lines: string[] = []
  const note = (_fields: unknown, message: string) => void lines.push(message)
  const log = { debug: note, info: note, error: note, fatal: note }
  const shutdown = new Shutdown({ deadlineMs }, { clock: SYSTEM_CLOCK, log: log as never, exit: (code) => void exits.push(code) })
  return { shutdown, exits, lines }
}

test('a signal causes a graceful shutdown with 0', async () => {
  const { shutdown, lines } = createShutdown()
  const stopped: string[] = []
  const ended = shutdown.run(async () => shutdown.stops.add('part', () => void stopped.push('part')))
  shutdown.request('SIGTERM')
  expect(await ended).toBe(0)
  expect(stopped).toEqual(['part'])
  expect(shutdown.signal.reason).toMatchObject({ message: 'stopped by SIGTERM' })
  expect(lines).toEqual(['stopping', 'stopped', 'stopped everything'])
})

test('a part that fails causes a graceful shutdown with 1', async () => {
  const { shutdown } = createShutdown()
  const stopped: string[] = []
  const ended = shutdown.run(async () => shutdown.stops.add('part', () => void stopped.push('part')))
  shutdown.fatal(new Error('the tail died'))
  expect(await ended).toBe(1)
  expect(stopped).toEqual(['part'])
})

test('a start that fails ends it with 1, and stops the parts already started', async () => {
  const { shutdown } = createShutdown()
  const stopped: string[] = []
  const ended = shutdown.run(async () => {
    shutdown.stops.add('health server', () => void stopped.push('part'))
    throw new Error('port taken')
  })
  expect(await ended).toBe(1)
  expect(stopped).toEqual(['part'])
})

test('a signal while starting ends it with 0 once the start has given up', async () => {
  const { shutdown } = createShutdown()
  const order: string[] = []
  const ended = shutdown.run(
    () =>
      new Promise((_, reject) => {
        shutdown.signal.addEventListener('abort', () => {
          order.push('given up')
          reject(shutdown.signal.reason)
        })
      }),
  )
  shutdown.stops.add('part', () => void order.push('stopped'))
  shutdown.request('SIGINT')
  expect(await ended).toBe(0)
  expect(order).toEqual(['given up', 'stopped'])
})

test('a start that ignores the signal does not delay it beyond the deadline', async () => {
  const { shutdown, lines } = createShutdown(20)
  const ended = shutdown.run(() => new Promise(() => {}))
  shutdown.request('SIGTERM')
  expect(await ended).toBe(1)
  expect(lines).toContain('stopped, but not in order')
})

test('a stop that fails makes the exit code 1', async () => {
  const { shutdown } = createShutdown()
  const ended = shutdown.run(async () => shutdown.stops.add('part', () => Promise.reject(new Error('no'))))
  shutdown.request('SIGTERM')
  expect(await ended).toBe(1)
})

test('a second signal exits at once', async () => {
  const { shutdown, exits } = createShutdown(20)
  const ended = shutdown.run(async () => shutdown.stops.add('slow', () => new Promise(() => {})))
  shutdown.request('SIGINT')
  expect(exits).toEqual([])
  shutdown.request('SIGINT')
  expect(exits).toEqual([1])
  await ended
})

test('a first signal while a fatal error is being handled does not cut the stop short', async () => {
  const { shutdown, exits } = createShutdown()
  const ended = shutdown.run(async () => {})
  shutdown.fatal(new Error('a part died'))
  shutdown.request('SIGTERM')
  expect(await ended).toBe(1)
  expect(exits).toEqual([])
})
