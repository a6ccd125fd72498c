import pino from 'pino'
import { expect, test } from 'vitest'
import { RetryLaterError } from '../../../src/messages/errors.ts'
import { addPoints, type Score } from '../../../src/scores/add-points.ts'
import { banBreaker } from '../../../src/scores/ban-breaker.ts'
import type { Offence } from '../../../src/scores/offence.ts'
import type { ScoreStore } from '../../../src/scores/ports.ts'
import { createScores, type ScoreBan } from '../../../src/scores/scores.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const offence = (cause: string, more: Partial<Offence> = {}): Offence => ({
  peerId: 'mallory',
  reason: 'protocol_violation',
  cause,
  evidence: { record: `invalid-blocks:0:${cause}` },
  ...more,
})

function memoryStore(now: () => number): ScoreStore & { failure: Error | undefined } {
  const scores = new Map<string, Score>()
  const offences: (Offence & { points: number; at: number })[] = []
  return {
    failure: undefined,
    async charge(peerId, given) {
      if (this.failure) throw this.failure
      const fresh = given.filter(({ cause }) => !offences.some((known) => known.peerId === peerId && known.cause === cause))
      for (const each of fresh) offences.unshift({ ...each, peerId, at: now() })
      const added = fresh.reduce((sum, { points }) => sum + points, 0)
      const score = addPoints(scores.get(peerId), added, now())
      scores.set(peerId, score)
      return { points: score.points, isRepeated: fresh.length === 0, latest: offences.filter((known) => known.peerId === peerId) }
    },
    async list() {
      if (this.failure) throw this.failure
      return [...scores].map(([peerId, score]) => ({ peerId, ...score }))
    },
    sweep: async () => {},
  }
}

function setUp({ mode = 'enforce' as 'enforce' | 'observe', peers = 100, share = 0.25, exempt = [] as string[] } = {}) {
  const clock = fakeClock(0)
  const store = memoryStore(() => clock.steady())
  const bans: (ScoreBan & { at: number })[] = []
  const counted: string[] = []
  const breaker = banBreaker({ share }, { peers: () => peers })
  const scores = createScores(
    { threshold: 100, banDurationMs: 86_400_000, mode },
    {
      store,
      async ban(ban) {
        const { allows, windowMs } = breaker(ban.peerId)
        const isAllowed = allows(bans.filter(({ at }) => at > clock.steady() - windowMs).map(({ peerId }) => peerId))
        if (isAllowed) bans.push({ ...ban, at: clock.steady() })
        return isAllowed
      },
      isExempt: (peerId) => exempt.includes(peerId),
      metrics: { offences: { inc: ({ reason, outcome }) => counted.push(`${reason} ${outcome}`) }, breakerOpen: { set: () => {} } },
      log: pino({ level: 'silent' }),
    },
  )
  const chargeMany = async (count: number, more: Partial<Offence> = {}) => {
    const outcomes: string[] = []
    for (let n = 0; n < count; n++) outcomes.push(await scores.charge([offence(`${n}`, more)]))
    return outcomes
  }
  return { scores, store, bans, counted, clock, chargeMany }
}

test('at the threshold a peer is banned, with its offences as evidence', async () => {
  const { bans, chargeMany, counted } = setUp()
  expect(await chargeMany(5)).toEqual(['charged', 'charged', 'charged', 'charged', 'banned'])
  expect(bans).toEqual([
    {
      peerId: 'mallory',
      durationSeconds: 86_400,
      reason: 'score 100 of 100: protocol_violation',
      cause: 'score:mallory:4',
      evidence: { points: 100, threshold: 100, offences: expect.objectContaining({ length: 5 }) },
      at: expect.any(Number),
    },
  ])
  expect(counted.at(-1)).toBe('protocol_violation banned')
})

test('a redelivered record is charged once, and a ban that was lost in between is made up for under the same cause', async () => {
  const { scores, bans, chargeMany } = setUp()
  for (let n = 0; n < 10; n++) expect(await scores.charge([offence('same')])).toBe(n === 0 ? 'charged' : 'repeated')
  await chargeMany(4)
  expect(bans).toHaveLength(1)
  expect(await scores.charge([offence('3')])).toBe('banned')
  expect(bans.map(({ cause }) => cause)).toEqual(['score:mallory:3', 'score:mallory:3'])
})

test('points go with time, so that rare faults ban nobody', async () => {
  const { scores, bans, clock } = setUp()
  for (let n = 0; n < 50; n++) {
    await scores.charge([offence(`${n}`)])
    clock.advance(20 * 60_000)
  }
  expect(bans).toEqual([])
})

test('in the mode observe nobody is banned, and it is counted', async () => {
  const { bans, chargeMany } = setUp({ mode: 'observe' })
  expect((await chargeMany(6)).slice(-2)).toEqual(['observed', 'observed'])
  expect(bans).toEqual([])
})

test('peers that are never banned by score are not charged', async () => {
  const { bans, chargeMany } = setUp({ exempt: ['mallory'] })
  expect(new Set(await chargeMany(10))).toEqual(new Set(['spared']))
  expect(bans).toEqual([])
})

test('the breaker stops bans of more than its share of the peers within ten minutes, and one ban is always possible', async () => {
  const { bans, chargeMany, clock } = setUp({ peers: 10 })
  for (const peerId of ['a', 'b', 'c', 'd']) await chargeMany(5, { peerId })
  expect(bans.map(({ peerId }) => peerId)).toEqual(['a', 'b', 'c'])
  clock.advance(600_001)
  await chargeMany(20, { peerId: 'e', reason: 'spam' })
  expect(bans.at(-1)?.peerId).toBe('e')
  const alone = setUp({ peers: 1 })
  await alone.chargeMany(5)
  expect(alone.bans).toHaveLength(1)
})

test('while the store is away, the record waits', async () => {
  const { scores, store } = setUp()
  store.failure = new Error('connection refused')
  await expect(scores.charge([offence('1')])).rejects.toThrow(RetryLaterError)
  await expect(scores.list(10)).rejects.toThrow(RetryLaterError)
})

test('offences that come together are charged together, each once', async () => {
  const { scores, bans, counted } = setUp()
  expect(await scores.charge([offence('1'), offence('2'), offence('3'), offence('4')])).toBe('charged')
  expect(await scores.charge([offence('4'), offence('5')])).toBe('banned')
  expect(bans).toHaveLength(1)
  expect(counted).toEqual(['protocol_violation charged', 'protocol_violation banned'])
})
