import { expect, test } from 'vitest'
import { SignerRates } from '../../../src/peers/signer-rates.ts'
import { createTestClock } from '../../support/test-clock.ts'

test('each signer has its own rate, and a burst', () => {
  const clock = createTestClock()
  const rates = new SignerRates({ perSecond: 1, burst: 2 }, { clock })
  expect(['a', 'a', 'a', 'b'].map((signer) => rates.admit(signer))).toEqual([true, true, false, true])
  clock.pass(1000)
  expect(['a', 'a'].map((signer) => rates.admit(signer))).toEqual([true, false])
})

test('the number of signers is bounded: the one that was silent longest starts anew', () => {
  const rates = new SignerRates({ perSecond: 1, burst: 1 }, { clock: createTestClock() })
  for (let signer = 0; signer <= 10_000; signer++) rates.admit(`${signer}`)
  expect([rates.admit('10000'), rates.admit('0')]).toEqual([false, true])
})
