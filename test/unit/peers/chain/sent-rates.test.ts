import { expect, test } from 'vitest'
import { kindOf } from '../../../../src/messages/announcement.ts'
import { SentRates } from '../../../../src/peers/chain/sent-rates.ts'
import { createTestClock } from '../../../support/test-clock.ts'

test('of 101 rejected transactions at once 100 pass, and ten more after a second', () => {
  const clock = createTestClock()
  const rates = new SentRates({ rateOf: (type) => kindOf(type).envelope?.sentRate, clock })
  const admitted = (count: number) => Array.from({ length: count }, () => rates.admit('rejected-tx')).filter(Boolean).length
  expect(admitted(101)).toBe(100)
  clock.pass(1000)
  expect(admitted(20)).toBe(10)
})

test('kinds without a limit always pass', () => {
  const rates = new SentRates({ rateOf: (type) => kindOf(type).envelope?.sentRate, clock: createTestClock() })
  expect(Array.from({ length: 1000 }, () => rates.admit('block'))).not.toContain(false)
})
