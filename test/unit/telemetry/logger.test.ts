import { expect, test } from 'vitest'
import { createLogger, type LoggerOptions } from '../../../src/telemetry/logger.ts'

function loggerOf(options: Partial<LoggerOptions> = {}) {
  const text: string[] = []
  const logger = createLogger(
    { level: 'info', format: 'auto', isTerminal: false, ...options },
    { output: { write: (line: string) => void text.push(line) } },
  )
  return { ...logger, text: () => text.join(''), lines: () => text.map((line) => JSON.parse(line) as Record<string, unknown>) }
}

test('writes JSON with level, time and fields', () => {
  const { log, lines } = loggerOf({ fields: { bridge: 'node-a' } })
  log.child({ part: 'kafka' }).info({ topic: 'blocks' }, 'record published')
  expect(lines()).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      bridge: 'node-a',
      part: 'kafka',
      topic: 'blocks',
      msg: 'record published',
    },
  ])
})

test('is pretty in a terminal', () => {
  const { log, text } = loggerOf({ isTerminal: true })
  log.info({ topic: 'blocks' }, 'record published')
  expect(text()).toContain('record published')
  expect(() => JSON.parse(text())).toThrow()
})

test('keeps the message of an error apart from its cause', () => {
  const { log, lines } = loggerOf()
  log.error({ err: new Error('one sentence', { cause: new Error('many\nlines') }) }, 'a part failed')
  expect(lines()).toMatchObject([{ err: { message: 'one sentence', cause: { message: 'many\nlines' } } }])
})

test('keeps secrets out of every line, wherever they come from', () => {
  const secret = 'hunter"2\\hunter'
  const { log, text } = loggerOf({ secrets: [secret, 'ab'] })
  log.error({ err: new Error(`cannot log in with ${secret}`), url: `postgres://u:${secret}@h/d` }, `abc ${secret}`)
  expect(text()).not.toContain('hunter')
  expect(text()).toContain('cannot log in with [secret]')
  expect(text()).toContain('abc [secret]')
})

test('child loggers follow the level', () => {
  const { log, setLevel, lines } = loggerOf()
  const child = log.child({ part: 'kafka' })
  const grandchild = child.child({ topic: 'blocks' })
  grandchild.debug('not yet')
  setLevel('debug')
  grandchild.debug('now')
  child.child({}).debug('later children too')
  setLevel('warn')
  child.info('no more')
  expect(lines().map(({ msg }) => msg)).toEqual(['now', 'later children too'])
})

test('the level cycles', () => {
  const { level, cycleLevel, setLevel } = loggerOf()
  expect([cycleLevel(), cycleLevel(), cycleLevel()]).toEqual(['debug', 'trace', 'info'])
  setLevel('error')
  expect(cycleLevel()).toBe('info')
  expect(level()).toBe('info')
})
