import { expect, test } from 'vitest'
import { examine } from '../../../src/doctor/examine.ts'
import { ok } from '../../../src/doctor/finding.ts'

const never = new AbortController().signal

test('probes run side by side, and the findings come in the order of the areas', async () => {
  const order: string[] = []
  const gate = Promise.withResolvers<void>()
  const findings = await examine(
    [
      {
        area: 'peers',
        what: 'a',
        deadlineMs: 1000,
        run: async () => {
          order.push('first begins')
          await gate.promise
          return [ok('a peer')]
        },
      },
      {
        area: 'kafka',
        what: 'b',
        deadlineMs: 1000,
        run: async () => {
          order.push('second begins')
          gate.resolve()
          return [ok('a broker')]
        },
      },
    ],
    never,
  )
  expect(order).toEqual(['first begins', 'second begins'])
  expect(findings.map(({ area, reason }) => `${area} ${reason}`)).toEqual(['kafka a broker', 'peers a peer'])
})

test('a probe that hangs or fails is a failure of its own, and does not hold up the others', async () => {
  const findings = await examine(
    [
      { area: 'kafka', what: 'looking at Kafka', deadlineMs: 20, run: () => new Promise(() => {}) },
      { area: 'postgres', what: 'looking at Postgres', deadlineMs: 1000, run: async () => Promise.reject(new Error('no\nway')) },
      { area: 'ports', what: 'trying ports', deadlineMs: 1000, run: async () => [ok('free')] },
    ],
    never,
  )
  expect(findings).toEqual([
    { area: 'ports', grade: 'ok', reason: 'free', remedy: null },
    { area: 'kafka', grade: 'fail', reason: 'looking at Kafka did not end within 0.02 s', remedy: expect.any(String) },
    { area: 'postgres', grade: 'fail', reason: 'looking at Postgres failed: no way', remedy: expect.any(String) },
  ])
})
