import { expect, test } from 'vitest'
import { timeOfText } from '../../../src/lifecycle/time-text.ts'

test.each([
  ['2026-01-31', Date.UTC(2026, 0, 31)],
  ['2026-01-31T12:00:00Z', Date.UTC(2026, 0, 31, 12)],
  ['2026-01-31T12:00Z', Date.UTC(2026, 0, 31, 12)],
  ['2026-01-31t12:00:00.250z', Date.UTC(2026, 0, 31, 12, 0, 0, 250)],
  ['2026-01-31 12:00:00+02:00', Date.UTC(2026, 0, 31, 10)],
  ['2028-02-29', Date.UTC(2028, 1, 29)],
])('%s is a time', (text, expected) => {
  expect(timeOfText(text)).toBe(expected)
})

test.each([
  '2026-02-29', // no leap year
  '2026-02-31T00:00:00Z', // Date.parse makes 3 March of it
  '2026-04-31T00:00:00Z',
  '2026-13-01',
  '2026-00-10',
  '2026-01-00',
  '2026-01-31T25:00:00Z',
  '2026-01-31T12:00:00', // of which zone?
  '2026-01-31T12:00:00 Z',
  '2026-01-31T12:00:00+24:00',
  '2026-01-31 12:00:00+24:00', // V8's older parser takes it
  '26-01-31',
  '+002026-01-31T12:00:00Z',
  '1769860800',
  'tomorrow',
  '',
])('%j is none', (text) => {
  expect(timeOfText(text)).toBeUndefined()
})
