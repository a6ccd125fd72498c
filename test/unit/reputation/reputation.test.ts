import { expect, test } from 'vitest'
import { addReport, applyReports, joinReports, NO_REPORTS, type Report } from '../../../src/reputation/report.ts'
import { healthFault, isMalicious, NO_REPUTATION, reputationScore } from '../../../src/reputation/reputation.ts'

const HOUR = 3_600_000
const NOW = 1_700_000_000_000

function after(reports: readonly Report[], at = NOW) {
  return applyReports(
    NO_REPUTATION,
    reports.reduce((all, report) => addReport(all, report, at), NO_REPORTS),
  )
}

const SUCCESS: Report = { kind: 'valid-subtree' }
const FAILURE: Report = { kind: 'catchup-failure', error: '' }
const times = (count: number, report: Report): Report[] => Array(count).fill(report)

test.each<[string, Report[], number, number]>([
  ['nothing reported', [], 0, 50],
  ['an attempt alone', [{ kind: 'catchup-attempt' }], 0, 50],
  ['one success just now', [SUCCESS], 0, 90],
  ['one success, two hours ago', [SUCCESS], 2 * HOUR, 80],
  ['one failure just now', [FAILURE], 0, 5],
  ['half and half just now', [...times(5, SUCCESS), ...times(5, FAILURE)], 0, 45],
  ['half and half, two hours ago', [...times(5, SUCCESS), ...times(5, FAILURE)], 2 * HOUR, 50],
  ['a fast success', [{ kind: 'catchup-success', durationMs: 100 }], 0, 100],
  ['a slow success, two hours ago', [{ kind: 'catchup-success', durationMs: 40_000 }], 2 * HOUR, 48],
  ['malice just now', [...times(50, SUCCESS), { kind: 'malicious' }], 0, 5],
  ['malice, an hour ago', [...times(50, SUCCESS), { kind: 'malicious' }], HOUR, 30],
  ['malice twice, an hour ago', [{ kind: 'malicious' }, { kind: 'malicious' }], HOUR, 5],
  ['malice twice, three hours ago', [{ kind: 'malicious' }, { kind: 'malicious' }], 3 * HOUR, 30],
  ['malice a thousand times, a year ago', times(1000, { kind: 'malicious' }), 365 * 24 * HOUR, 30],
])('%s: the score of Teranode', (_what, reports, ageMs, score) => {
  expect(reputationScore(after(reports), NOW + ageMs)).toBeCloseTo(score, 6)
})

test('a malicious peer is reconsidered after its pause', () => {
  const reputation = after([{ kind: 'malicious' }])
  expect(isMalicious(reputation, NOW + HOUR - 1)).toBe(true)
  expect(isMalicious(reputation, NOW + HOUR)).toBe(false)
  expect(isMalicious(NO_REPUTATION, NOW)).toBe(false)
})

test('too few points or successes are a fault of health', () => {
  expect(healthFault(NO_REPUTATION, NOW)).toBeUndefined()
  expect(healthFault(after([FAILURE]), NOW)).toContain('low reputation: 5.00')
  expect(healthFault(after([...times(4, SUCCESS), ...times(6, FAILURE)]), NOW + 2 * HOUR)).toBeUndefined()
  expect(healthFault(after([...times(5, SUCCESS), ...times(6, FAILURE)]), NOW + 2 * HOUR)).toContain('few successes: 5 of 11')
})

test('reports in parts are the same as reports at once', () => {
  const reports: Report[] = [
    { kind: 'catchup-success', durationMs: 100 },
    { kind: 'valid-headers', durationMs: 900 },
    { kind: 'downloaded', bytes: 5n },
    { kind: 'catchup-error', error: 'first' },
    { kind: 'valid-headers', durationMs: 300 },
    { kind: 'catchup-failure', error: 'second' },
    { kind: 'validated-chain', height: 9, hash: 'aa' },
    { kind: 'validated-chain', height: 8, hash: 'bb' },
    { kind: 'malicious' },
    { kind: 'valid-block' },
  ]
  const whole = after(reports)
  expect(whole.responseMs).toBeCloseTo((100 * 0.8 + 900 * 0.2) * 0.8 + 300 * 0.2, 9)
  expect(whole).toMatchObject({ lastError: 'second', validatedHeight: 9, validatedHash: 'aa', bytes: 5n, lastBlock: NOW })
  for (let cut = 0; cut <= reports.length; cut++) {
    const [one, two] = [reports.slice(0, cut), reports.slice(cut)].map((part) =>
      part.reduce((all, report) => addReport(all, report, NOW), NO_REPORTS),
    )
    if (!one || !two) throw new Error('both parts are there')
    const joined = applyReports(NO_REPUTATION, joinReports(one, two))
    expect({ ...joined, responseMs: 0 }).toEqual({ ...whole, responseMs: 0 })
    expect(joined.responseMs).toBeCloseTo(whole.responseMs, 9)
    const inTurn = applyReports(applyReports(NO_REPUTATION, one), two)
    expect(inTurn.responseMs).toBeCloseTo(whole.responseMs, 9)
  }
})

test('texts and bytes have a bound', () => {
  const reputation = after([
    { kind: 'catchup-error', error: `\0${'x'.repeat(10_000)}` },
    ...times(3, { kind: 'downloaded', bytes: 2n ** 64n - 1n }),
  ])
  expect(reputation.lastError).toBe('x'.repeat(499))
  expect(reputation.bytes).toBe(2n ** 64n - 1n)
})
