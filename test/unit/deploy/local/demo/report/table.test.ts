import { expect, test } from 'vitest'
import { renderTable } from '../../../../../../deploy/local/demo/report/table.ts'
import { ARROWS, NODES } from '../../../../../../deploy/local/demo/watch/ledger.ts'

const figures = { count: 120, repeats: 0, rate: 4.25, p50: 7, p99: 12_345, missing: 2 }
const rows = NODES.flatMap((to) => ARROWS.map((arrow) => ({ arrow, to, ...figures })))
const snapshot = { elapsedMs: 30_400, produced: 160, rows, notes: ['node-a: 1 restarts'] }

test('shows every arrow of both nodes in columns of equal width', () => {
  const lines = renderTable(snapshot, { isFinal: false })
  expect(lines[0]).toMatch(/^160 produced in 30 s +count +per s +p50 +p99 +repeats +on its way$/)
  expect(lines[1]).toMatch(/^in-topics of B -> gossip -> event log of A +120 +4\.3 +7 ms +12\.3 s +0 +2$/)
  expect(lines.at(-1)).toBe('node-a: 1 restarts')
  const body = lines.slice(0, -1).filter((line) => line !== '')
  expect(body).toHaveLength(1 + rows.length)
  expect(new Set(body.map(({ length }) => length)).size).toBe(1)
})

test('gives the rate over the whole run in the end, and calls missing what has not arrived', () => {
  const lines = renderTable(snapshot, { isFinal: true })
  expect(lines[0]).toMatch(/missing$/)
  expect(lines[1]).toContain('3.9')
})

test('leaves out latencies that nobody knows', () => {
  const unknown = rows.map((row) => ({ ...row, p50: undefined, p99: undefined }))
  expect(renderTable({ ...snapshot, rows: unknown }, { isFinal: false })[1]).toMatch(/4\.3 +- +- +0 +2$/)
})
