import { expect, test } from 'vitest'
import { amount } from '../../../../src/config/kinds/kinds.ts'

test.each([
  ['0.00000001', 1e-8],
  ['1e-8', 1e-8],
  [' 0 ', 0],
  ['', null],
])('the amount %j is %s', (text, expected) => {
  expect(amount().parse(text)).toBe(expected)
})

test.each(['-1', '.5', '1e9', 'Infinity', '0x1', '1 BSV'])('%j is no amount', (text) => {
  expect(amount().safeParse(text).success).toBe(false)
})
