import { expect, test } from 'vitest'
import { createJsonReporter } from '../../../../../deploy/local/demo/report/json-reporter.ts'
import { createPlainReporter } from '../../../../../deploy/local/demo/report/plain-reporter.ts'
import type { Reporter } from '../../../../../deploy/local/demo/report/reporter.ts'
import { createTerminalReporter } from '../../../../../deploy/local/demo/report/terminal-reporter.ts'
import { ARROWS, NODES } from '../../../../../deploy/local/demo/watch/ledger.ts'

const figures = { count: 1, repeats: 0, rate: 1, p50: 1, p99: 1, missing: 0 }
const rows = NODES.flatMap((to) => ARROWS.map((arrow) => ({ arrow, to, ...figures })))
const snapshotAt = (elapsedMs: number) => ({ elapsedMs, produced: 2, rows, notes: [] })

function capture(create: (deps: { output: { write(text: string): void; columns: number } }) => Reporter) {
  const written: string[] = []
  const reporter = create({ output: { write: (text) => void written.push(text), columns: 60 } })
  return { reporter, lines: () => written.join('').split('\n').slice(0, -1) }
}

test('plain lines name each step with its time, each new detail once, and the verdict last', async () => {
  const { reporter, lines } = capture(createPlainReporter)
  await reporter.step('start', async (say) => ['waiting', 'waiting', '', 'nearly'].forEach(say))
  await expect(reporter.step('fail', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  for (const ms of [1000, 5000, 6000, 10_400]) reporter.progress(snapshotAt(ms))
  reporter.verdict({ ok: false, faults: ['something is missing'], snapshot: undefined })
  expect(lines().map((line) => line.replace(/\d+\.\d s/, 'N s').replace(/(\d+ s): .*/, '$1'))).toEqual([
    '  start: waiting',
    '  start: nearly',
    'start: done in N s',
    'fail: failed after N s',
    '5 s',
    '10 s',
    '  something is missing',
    'demo: FAILED',
  ])
})

test('JSON lines are one object each, and the verdict carries the table', async () => {
  const { reporter, lines } = capture(createJsonReporter)
  await reporter.step('start', async (say) => say('waiting'))
  reporter.say('ready', ['for people'], { kafka: 'here' })
  reporter.progress(snapshotAt(0))
  reporter.verdict({ ok: true, faults: [], snapshot: snapshotAt(900) })
  const events = lines().map((line) => JSON.parse(line))
  expect(events.map(({ event }) => event)).toEqual(['detail', 'step', 'ready', 'progress', 'verdict'])
  expect(events[2]).toEqual({ event: 'ready', kafka: 'here' })
  expect(events[4]).toMatchObject({ ok: true, produced: 2, rows: [{ arrow: 'gossip', to: 'A', count: 1 }, ...rows.slice(1)] })
})

test('a terminal gets its cursor back, and no redrawn line is wider than it', async () => {
  const { reporter, lines } = capture(createTerminalReporter)
  await reporter.step('start', async (say) => say('waiting '.repeat(20)))
  reporter.progress(snapshotAt(1000))
  reporter.verdict({ ok: true, faults: [], snapshot: undefined })
  reporter.end()
  reporter.say('after', ['the last line'])
  const text = lines().join('\n')
  expect(text.startsWith('\x1b[?25l')).toBe(true)
  expect(text).toContain('\x1b[?25h')
  expect(text).toContain('demo: ok')
  const redrawn = lines().filter((line) => line.includes(' -> '))
  expect(redrawn.length).toBeGreaterThan(0)
  for (const line of redrawn) expect(line.length).toBeLessThanOrEqual(60)
})
