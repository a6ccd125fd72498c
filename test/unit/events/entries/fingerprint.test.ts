import { expect, test } from 'vitest'
import { fingerprintOf, isCommitOf } from '../../../../src/events/entries/fingerprint.ts'

const record = (key: string | null, offset = 6n) => ({ offset, key: key === null ? null : Buffer.from(key) })
const ID = '00c0ffee'.padEnd(32, '7')
const committed = { next: 7n, fingerprint: '00c0ffee' }

test('a committed offset is recognised by the id of the record before it', () => {
  expect(fingerprintOf(record(ID))).toBe('00c0ffee')
  expect(isCommitOf(committed, record(ID))).toBe(true)
  expect(isCommitOf(committed, record('abadcafe'.padEnd(32, '7')))).toBe(false)
  expect(isCommitOf(committed, record(null))).toBe(false)
})

test('without a record directly before it, as after a control record, the offset is accepted', () => {
  expect(isCommitOf(committed, undefined)).toBe(true)
  expect(isCommitOf(committed, record('abadcafe'.padEnd(32, '7'), 9n))).toBe(true)
})

test('an offset without a fingerprint is accepted: an operator set it, or the record before it was not an event', () => {
  for (const key of [null, '', 'abc', 'No event of ours']) expect(fingerprintOf(record(key))).toBe('')
  expect(isCommitOf({ next: 7n, fingerprint: '' }, record(ID))).toBe(true)
  expect(isCommitOf({ next: 7n, fingerprint: '' }, undefined)).toBe(true)
})
