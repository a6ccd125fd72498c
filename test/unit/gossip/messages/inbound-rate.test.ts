import { expect, test } from 'vitest'
import { createInboundRate, type InboundRateOptions } from '../../../../src/gossip/messages/inbound-rate.ts'
import { fc } from '../../../support/properties.ts'

interface Sender {
  hop: string
  signer: string
  perSecond: number
}

/** Runs senders side by side for some seconds; counts sent and admitted messages per sender. */
function run(options: InboundRateOptions, senders: Sender[], seconds: number) {
  let time = 0
  const rate = createInboundRate(options, { now: () => time })
  const counts = senders.map(() => ({ sent: 0, admitted: 0 }))
  for (; time < seconds * 1000; time += 1) {
    senders.forEach(({ hop, signer, perSecond }, i) => {
      const count = counts[i]
      if (count === undefined) return
      for (; count.sent < ((time + 1) * perSecond) / 1000; count.sent += 1) if (rate.admit(hop, signer)) count.admitted += 1
    })
  }
  return counts
}

test('one sender may use the whole rate, and no more', () => {
  const [alone] = run({ ratePerSecond: 100 }, [{ hop: 'a', signer: 's', perSecond: 1000 }], 20)
  expect(alone?.admitted).toBeGreaterThan(100 * 19)
  expect(alone?.admitted).toBeLessThan(100 * 22)
})

test('a hop within its share loses nothing to a hop that floods', () => {
  const [flood, calm] = run({ ratePerSecond: 100 }, [{ hop: 'a', signer: 's', perSecond: 5000 }, { hop: 'b', signer: 't', perSecond: 40 }], 20) // biome-ignore format: one line reads better
  expect(calm).toEqual({ sent: 800, admitted: 800 })
  expect(flood?.admitted).toBeGreaterThan(50 * 19)
})

test('a signer within its share loses nothing to a signer that floods through the same hop', () => {
  const [flood, calm] = run({ ratePerSecond: 100 }, [{ hop: 'a', signer: 's', perSecond: 5000 }, { hop: 'a', signer: 't', perSecond: 40 }], 20) // biome-ignore format: one line reads better
  expect(calm).toEqual({ sent: 800, admitted: 800 })
  expect(flood?.admitted).toBeGreaterThan(50 * 18)
})

test('ever new signers of one hop do not reduce the share of another hop', () => {
  let time = 0
  const rate = createInboundRate({ ratePerSecond: 100 }, { now: () => time })
  let names = 0
  let admitted = 0
  for (; time < 20_000; time += 1) {
    for (let i = 0; i < 5; i++) rate.admit('sybil', `name ${names++}`)
    if (time % 25 === 0 && rate.admit('honest', 'signer')) admitted += 1
  }
  expect(admitted).toBe(800)
})

test('unused shares may be borrowed', () => {
  const [busy, quiet] = run({ ratePerSecond: 100 }, [{ hop: 'a', signer: 's', perSecond: 85 }, { hop: 'b', signer: 't', perSecond: 5 }], 20) // biome-ignore format: one line reads better
  expect(busy?.admitted).toBe(busy?.sent)
  expect(quiet?.admitted).toBe(quiet?.sent)
})

test('a rate of 0 admits everything', () => {
  const [all] = run({ ratePerSecond: 0 }, [{ hop: 'a', signer: 's', perSecond: 5000 }], 2)
  expect(all).toEqual({ sent: 10_000, admitted: 10_000 })
})

test('no input gets far more than the rate admitted', () => {
  const senders = fc.array(
    fc.record({
      hop: fc.constantFrom('a', 'b', 'c', 'd'),
      signer: fc.constantFrom('s', 't', 'u'),
      perSecond: fc.integer({ min: 1, max: 3000 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  fc.assert(
    fc.property(senders, (list) => {
      const admitted = run({ ratePerSecond: 100 }, list, 5).reduce((sum, count) => sum + count.admitted, 0)
      // Five seconds at the rate, the total burst, and each hop's first share.
      return admitted <= 100 * 5 + 100 + 300
    }),
    { numRuns: 25 },
  )
})

test('a reload changes the rate, also from and to no limit', () => {
  const options = { ratePerSecond: 1 }
  const rate = createInboundRate(options, { now: () => 0 })
  const admitted = () => Array.from({ length: 10 }, () => rate.admit('a', 's')).filter(Boolean).length
  expect(admitted()).toBeLessThan(3)
  options.ratePerSecond = 0
  expect(admitted()).toBe(10)
  options.ratePerSecond = 1
  expect(admitted()).toBeLessThan(3)
})
