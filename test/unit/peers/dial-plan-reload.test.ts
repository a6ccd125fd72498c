import { expect, test } from 'vitest'
import { createDialPlan } from '../../../src/peers/dial-plan.ts'
import type { Dial, ReachablePeer } from '../../../src/peers/ports.ts'
import { createTestClock } from '../../support/test-clock.ts'

const NOBODY = new Set<string>()
const one = '/ip4/8.8.8.8/tcp/1'
const two = '/ip4/8.8.4.4/tcp/2'
const peer = (peerId: string, ...addresses: string[]): ReachablePeer => ({ peerId, addresses })

function start(statics: ReachablePeer[], bootstrap: ReachablePeer[] = []) {
  const clock = createTestClock()
  const plan = createDialPlan(
    { ownPeerId: 'self', peers: { bootstrap, dht: [] }, isPublic: true, optimiseRetries: false, maxConnectionsForFound: 10 },
    { isBanned: () => false, clock, random: () => 0.5 },
  )
  plan.setStatic(statics, [])
  const due = () => plan.due(NOBODY).dials.map(({ peerId }) => peerId)
  const take = (): Dial => {
    const [dial] = plan.due(NOBODY).dials
    if (!dial) throw new Error('no dial is due')
    return dial
  }
  return { plan, clock, due, take }
}

test('a reload: an added static peer is dialled at once, a removed one never again, and one that stays keeps its pause', () => {
  const { plan, due, clock } = start([peer('a', one), peer('b', two)])
  for (const dial of plan.due(NOBODY).dials) plan.failed(dial, 'unreachable')
  plan.setStatic([peer('b', two), peer('c', one)], [])
  expect(due()).toEqual(['c'])
  clock.pass(600_000)
  expect(due()).toEqual(['b'])
})

test('a reload: another address of a static peer is dialled at once', () => {
  const { plan, take } = start([peer('a', one)])
  plan.failed(take(), 'unreachable')
  plan.setStatic([peer('a', two)], [])
  expect(plan.due(NOBODY).dials.map(({ addresses }) => addresses)).toEqual([[two]])
})

test('a reload: a peer that another setting names too is a peer of that one', () => {
  const { plan, take } = start([peer('a', one)], [peer('a', two)])
  expect(take()).toMatchObject({ source: 'static', addresses: [one] })
  plan.setStatic([], [])
  expect(take()).toMatchObject({ source: 'bootstrap', addresses: [two] })
  plan.setStatic([peer('a', one)], [])
  expect(take()).toMatchObject({ source: 'static', addresses: [one] })
})

test('a reload: a peer that only a list names still stays, without the address that the settings gave it', () => {
  const { plan, take } = start([peer('a', one)])
  take()
  plan.setStatic([], [peer('a', two)])
  expect(take()).toMatchObject({ source: 'static', addresses: [two] })
  plan.setStatic([], [peer('a', two)])
  expect(plan.due(NOBODY).dials).toEqual([])
})
