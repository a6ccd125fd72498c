import { expect, test } from 'vitest'
import { isCommitOf, proofOf } from '../../../../src/events/entries/fingerprint.ts'

const record = (key: string | null) => ({ key: key === null ? null : Buffer.from(key) })
const ID = '00c0ffee'.padEnd(32, '7')

test('a committed offset proves itself by the id of the record before it', () => {
  expect(proofOf(record(ID))).toBe('00c0ffee')
  expect(isCommitOf('00c0ffee', record(ID))).toBe(true)
  expect(isCommitOf('00c0ffee', record('abadcafe'.padEnd(32, '7')))).toBe(false)
})

test('where the log has no such record it is another log', () => {
  expect(isCommitOf('00c0ffee', undefined)).toBe(false)
  expect(isCommitOf('00c0ffee', record(null))).toBe(false)
})

test('an offset without a proof is taken as it is: an operator set it, or what stood there was no event', () => {
  for (const key of [null, '', 'abc', 'No event of ours']) expect(proofOf(record(key))).toBe('')
  expect(isCommitOf('', record(ID))).toBe(true)
  expect(isCommitOf('', undefined)).toBe(true)
})
