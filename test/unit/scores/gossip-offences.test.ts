import { expect, onTestFinished, test, vi } from 'vitest'
import { GossipOffences } from '../../../src/scores/gossip-offences.ts'
import type { Offence } from '../../../src/scores/offence.ts'
import { eventually } from '../../support/eventually.ts'

const NOW = Date.UTC(2026, 0, 1)

function setUp() {
  const written: { at: number; offences: readonly Offence[] }[] = []
  const state = { now: NOW, failure: undefined as Error | undefined, lost: 0 }
  const offences = new GossipOffences({
    charge: async (charged) => {
      if (state.failure) throw state.failure
      written.push({ at: performance.now(), offences: charged })
    },
    lost: (_reason, count) => {
      state.lost += count
    },
    now: () => state.now,
  })
  onTestFinished(() => offences.stop())
  const message = (sequenceNumber: number, signer = 'mallory') => ({ topic: 't', signer, sequenceNumber: BigInt(sequenceNumber) })
  return { offences, written, state, message }
}

test('violations of one signer are written together, at most once a second, each named by its message', async () => {
  const { offences, written, message } = setUp()
  for (let n = 0; n < 5; n++) offences.violated(message(n), 'url')
  offences.violated(message(0, 'trudy'), 'hash')
  await eventually(() => expect(written).toHaveLength(2))
  expect(written[0]?.offences.map(({ cause }) => cause)).toEqual([0, 1, 2, 3, 4].map((n) => `message:t:${n}`))
  expect(written[0]?.offences[0]).toMatchObject({ peerId: 'mallory', reason: 'protocol_violation', evidence: { rule: 'url' } })
  offences.violated(message(9), 'url')
  await eventually(() => expect(written).toHaveLength(3))
  expect((written[2]?.at ?? 0) - (written[0]?.at ?? 0)).toBeGreaterThan(900)
})

test('a flood of one signer is bounded, and what is not charged is counted', async () => {
  const { offences, written, state, message } = setUp()
  for (let n = 0; n < 1000; n++) offences.violated(message(n), 'url')
  await eventually(() => expect(written).toHaveLength(1))
  expect(written[0]?.offences).toHaveLength(10)
  expect(state.lost).toBe(990)
})

test('a hundred messages beyond the rate within a minute are spam, once a minute; fewer are not', async () => {
  const { offences, written, state, message } = setUp()
  for (let n = 0; n < 99; n++) offences.exceededRate(message(n))
  state.now += 60_000
  for (let n = 0; n < 250; n++) offences.exceededRate(message(n))
  for (let n = 0; n < 99; n++) offences.exceededRate(message(n, 'busy'))
  await eventually(() => expect(written).toHaveLength(1))
  expect(written[0]?.offences).toEqual([
    expect.objectContaining({ peerId: 'mallory', reason: 'spam', cause: `spam:${(NOW + 60_000) / 60_000}` }),
  ])
})

test('while the store is away offences are lost and counted, and nothing waits', async () => {
  const { offences, written, state, message } = setUp()
  state.failure = new Error('away')
  offences.violated(message(1), 'url')
  await eventually(() => expect(state.lost).toBe(1))
  state.failure = undefined
  offences.violated(message(2), 'url')
  await eventually(() => expect(written).toHaveLength(1))
})

test('a stop does not wait for the next write', async () => {
  const { offences, written, message } = setUp()
  offences.violated(message(1), 'url')
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  await offences.stop()
  expect(written).toEqual([])
})
