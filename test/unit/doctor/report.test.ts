import { expect, test } from 'vitest'
import { type AreaFinding, severityOf } from '../../../src/doctor/finding.ts'
import { reportLines } from '../../../src/doctor/report.ts'

const finding = (area: AreaFinding['area'], grade: AreaFinding['grade'], reason: string, remedy: string | null = null): AreaFinding => ({
  area,
  grade,
  reason,
  remedy,
})

test('the columns are aligned, an area is named once, and a remedy has a line of its own', () => {
  const lines = reportLines([
    finding('settings', 'ok', 'the settings are fine'),
    finding('kafka', 'ok', 'Kafka 3.9 or newer'),
    finding('kafka', 'fail', 'the topic blocks does not exist', 'gossip-bridge topics create'),
    finding('postgres', 'warn', 'banlist_db is not set', 'set it'),
  ])
  expect(lines).toEqual([
    'settings  ok    the settings are fine',
    'kafka     ok    Kafka 3.9 or newer',
    '          fail  the topic blocks does not exist',
    '                -> gossip-bridge topics create',
    'postgres  warn  banlist_db is not set',
    '                -> set it',
    '',
    '2 ok, 1 warning, 1 failure',
  ])
})

test('long lines break at blanks within 100 columns, indented below their beginning', () => {
  const lines = reportLines([finding('kafka', 'fail', 'word '.repeat(40).trim(), 'deed '.repeat(40).trim())])
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100)
  expect(lines.filter((line) => /^ {16}word/.test(line)).length).toBeGreaterThan(1)
  expect(lines.filter((line) => /^ {19}deed/.test(line)).length).toBeGreaterThan(1)
})

test('a word that is longer than a line stays whole', () => {
  const address = `/ip4/203.0.113.7/tcp/9905/p2p/${'x'.repeat(80)}`
  expect(reportLines([finding('peers', 'fail', `the peer ${address} refuses`)]).join('\n')).toContain(address)
})

test('the severity is that of the worst finding', () => {
  expect(severityOf([])).toBe(0)
  expect(severityOf([finding('kafka', 'ok', 'a')])).toBe(0)
  expect(severityOf([finding('kafka', 'warn', 'a', 'b'), finding('kafka', 'ok', 'a')])).toBe(1)
  expect(severityOf([finding('kafka', 'fail', 'a', 'b'), finding('kafka', 'warn', 'a', 'b')])).toBe(2)
})
