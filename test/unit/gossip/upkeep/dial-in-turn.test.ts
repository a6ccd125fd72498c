import { expect, test } from 'vitest'
import { dialFailure } from '../../../../src/gossip/connections/dial-failure.ts'
import { dialInTurn } from '../../../../src/gossip/upkeep/dial-in-turn.ts'

const times = { eachMs: 20, allMs: 10_000 }

/** Dials that end as `answers` says; those of other addresses never end. */
function dials(answers: Readonly<Record<string, () => Promise<void>>>, stopped = new AbortController()) {
  const dialled: string[] = []
  const dial = (address: string) => {
    dialled.push(address)
    return answers[address]?.() ?? new Promise<void>(() => {})
  }
  return { dialled, stopped, deps: { dial, stopped: stopped.signal, now: () => performance.now() } }
}

test('a silent address and a name without an address leave the others their turn', async () => {
  const { dialled, deps } = dials({ '/dns4/nobody': () => Promise.reject(new Error('ENOTFOUND')), good: async () => {} })
  await dialInTurn(['silent', '/dns4/nobody', 'good', 'not needed'], times, deps)
  expect(dialled).toEqual(['silent', '/dns4/nobody', 'good'])
})

test('the most hopeful of the failures counts, and the error says all of them', async () => {
  const wrong = Object.assign(new Error('another peer'), { name: 'UnexpectedPeerError' })
  const { deps } = dials({ wrong: () => Promise.reject(wrong), away: () => Promise.reject(new Error('refused')) })
  const both: unknown = await dialInTurn(['wrong', 'away'], times, deps).catch((error: unknown) => error)
  expect([dialFailure(both), (both as Error).message]).toEqual(['unreachable', 'another peer; refused'])
  const one: unknown = await dialInTurn(['wrong'], times, deps).catch((error: unknown) => error)
  expect(one).toBe(wrong)
})

test('the time for all addresses is bounded, and a stop ends the dials', async () => {
  const many = dials({})
  await expect(dialInTurn(Array.from({ length: 100 }, String), { eachMs: 20, allMs: 50 }, many.deps)).rejects.toThrow(/took longer/)
  expect(many.dialled.length).toBeLessThan(10)
  const stopped = dials({})
  const dialling = dialInTurn(['silent', 'other'], { eachMs: 10_000, allMs: 10_000 }, stopped.deps)
  stopped.stopped.abort(new Error('stopped'))
  await expect(dialling).rejects.toThrow('stopped')
  expect(stopped.dialled).toEqual(['silent'])
})
