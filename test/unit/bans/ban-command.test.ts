import { expect, test } from 'vitest'
import { normaliseBanCommand } from '../../../src/bans/ban-command.ts'
import { BadInputError } from '../../../src/messages/errors.ts'

const GIVEN_AT = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000
const options = { defaultDurationMs: 24 * HOUR, givenAt: GIVEN_AT }
const add = { action: 'add', key: '192.0.2.1' }

test.each([
  ['the default duration', {}, GIVEN_AT + 24 * HOUR],
  ['a duration', { durationSeconds: 90 }, GIVEN_AT + 90_000],
  ['a duration as 64-bit number', { durationSeconds: 90n }, GIVEN_AT + 90_000],
  ['an absolute end', { until: GIVEN_AT + 1 }, GIVEN_AT + 1],
  ['an absolute end as 64-bit number', { until: BigInt(GIVEN_AT + 1) }, GIVEN_AT + 1],
  ['no end', { permanent: true }, null],
  ['permanent said to be false', { permanent: false, until: null, durationSeconds: null }, GIVEN_AT + 24 * HOUR],
])('an add with %s', (_, fields, until) => {
  expect(normaliseBanCommand({ ...add, ...fields }, options)).toEqual({ action: 'add', key: '192.0.2.1', until, reason: '' })
})

test('a default duration beyond the year 9999 ends there', () => {
  const { until } = normaliseBanCommand(add, { ...options, defaultDurationMs: Number.MAX_SAFE_INTEGER })
  expect(new Date(until ?? 0).getUTCFullYear()).toBe(9999)
})

test.each([
  ['an end in the past', { until: GIVEN_AT - HOUR }, /2025-12-31T23:00:00.000Z, which was over when the command was given/],
  ['an end at the very moment', { until: GIVEN_AT }, /was over/],
  ['seconds in place of milliseconds', { until: GIVEN_AT / 1000 + 60 }, /looks like seconds/],
  ['a negative end', { until: -(2 ** 53) + 1 }, /was over/],
  ['an end beyond the calendar', { until: 2 ** 53 - 1 }, /after the year 9999/],
  ['an end beyond exact numbers', { until: 2n ** 60n }, /whole number of milliseconds/],
  ['a duration of nothing', { durationSeconds: 0 }, /greater than 0/],
  ['a negative duration', { durationSeconds: -5 }, /greater than 0/],
  ['a duration beyond the calendar', { durationSeconds: 1e12 }, /after the year 9999/],
  ['an end and a duration', { until: GIVEN_AT + 1, durationSeconds: 1 }, /only one of/],
  ['an end and no end', { until: GIVEN_AT + 1, permanent: true }, /only one of/],
  ['a key that is none', { key: 'example.org' }, /host names are not banned/],
  ['an unknown action', { action: 'ban' }, /add, remove or clear/],
])('refuses an add with %s', (_, fields, message) => {
  const refusal = () => normaliseBanCommand({ ...add, ...fields }, options)
  expect(refusal).toThrow(message)
  expect(refusal).toThrow(BadInputError)
})

test('the key becomes canonical', () => {
  expect(normaliseBanCommand({ action: 'remove', key: '192.0.2.99/24' }, options).key).toBe('192.0.2.0/24')
})

test('clear takes no key, so that a mistyped remove does no harm', () => {
  expect(() => normaliseBanCommand({ action: 'clear', key: '192.0.2.1' }, options)).toThrow(/use remove/)
  expect(normaliseBanCommand({ action: 'clear', key: '', reason: 'start over' }, options)).toEqual({
    action: 'clear',
    key: '',
    until: null,
    reason: 'start over',
  })
})

test('a reason is cut, and loses the characters that Postgres cannot store', () => {
  const { reason } = normaliseBanCommand({ ...add, reason: `a\0b\ud800${'x'.repeat(5000)}` }, options)
  expect(reason.startsWith('ab\ufffdx')).toBe(true)
  expect(reason.length).toBeLessThanOrEqual(1024)
})
