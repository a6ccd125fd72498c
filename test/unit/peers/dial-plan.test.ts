import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { peerIdOfPublicKey } from '../../../src/identity/peer-id.ts'
import { createDialPlan, type DialPlanOptions } from '../../../src/peers/dial-plan.ts'
import type { Dial, DialFailure, ReachablePeer } from '../../../src/peers/ports.ts'
import { createTestClock } from '../../support/test-clock.ts'

const names = new Map<string, string>()
/** A real peer id for a name. */
function idOf(name: string): string {
  const peerId = peerIdOfPublicKey(createHash('sha256').update(name).digest())
  names.set(peerId, name)
  return peerId
}
const peer = (name: string, ...addresses: string[]): ReachablePeer => ({ peerId: idOf(name), addresses })
const one = '/ip4/8.8.8.8/tcp/1'
const two = '/ip4/8.8.4.4/tcp/2'

interface World extends Partial<Omit<DialPlanOptions, 'peers'>> {
  readonly static?: ReachablePeer[]
  readonly bootstrap?: ReachablePeer[]
}

function start({ static: statics = [], bootstrap = [], ...options }: World) {
  const clock = createTestClock()
  const connected = new Set<string>()
  const banned = new Set<string>()
  const plan = createDialPlan(
    {
      ownPeerId: idOf('self'),
      peers: { bootstrap, dht: [] },
      isPublic: true,
      optimiseRetries: false,
      maxConnectionsForFound: 10,
      ...options,
    },
    { isBanned: ({ peerId, address }) => banned.has(peerId ?? '') || banned.has(address ?? ''), clock, random: () => 0.5 },
  )
  plan.setStatic(statics, [])
  const due = () => plan.due(connected).dials.map(({ peerId }) => names.get(peerId))
  /** Time until the peer is dialled again after this failure. */
  const pauseAfter = (dial: Dial, failure: DialFailure) => {
    plan.failed(dial, failure)
    return plan.due(connected).nextInMs
  }
  return { plan, clock, connected, banned, due, pauseAfter }
}

const take = (plan: ReturnType<typeof start>['plan'], connected: ReadonlySet<string> = new Set()): Dial => {
  const [dial] = plan.due(connected).dials
  if (!dial) throw new Error('no dial is due')
  return dial
}

test('dials the peers of the settings at once, and no peer twice at the same time', () => {
  const { due } = start({ static: [peer('a', one)], bootstrap: [peer('b', two)] })
  expect(due()).toEqual(['a', 'b'])
  expect(due()).toEqual([])
})

test('skips itself, connected and banned peers, banned addresses, and addresses without a transport', () => {
  const { plan, clock, connected, banned, due } = start({
    static: [
      peer('self', one),
      peer('connected', one),
      peer('banned', one),
      peer('at-banned-address', '/ip4/9.9.9.9/tcp/1'),
      peer('quic-only', '/ip4/8.8.8.8/udp/1/quic-v1'),
      peer('mixed', '/ip4/9.9.9.9/tcp/1', '/ip4/8.8.8.8/tcp/1/ws', two),
    ],
  })
  connected.add(idOf('connected'))
  banned.add(idOf('banned')).add('9.9.9.9')
  const { dials, skipped } = plan.due(connected)
  expect(dials).toEqual([{ peerId: idOf('mixed'), source: 'static', addresses: [two] }])
  expect(skipped.map(({ peerId, reason }) => [names.get(peerId), reason])).toEqual([
    ['banned', 'banned'],
    ['at-banned-address', 'banned'],
    ['quic-only', 'no-address'],
  ])
  banned.clear()
  clock.pass(5000)
  expect(due()).toEqual(['banned', 'at-banned-address'])
})

test('a static peer is dialled every 5 s while it is missing, and looked at every 30 s while it is there', () => {
  const { plan, clock, connected, pauseAfter } = start({ static: [peer('a', one)] })
  for (let attempt = 0; attempt < 5; attempt++) {
    expect(pauseAfter(take(plan), 'unreachable')).toBe(5000)
    clock.pass(5000)
  }
  plan.connected(take(plan))
  connected.add(idOf('a'))
  expect(plan.due(connected)).toEqual({ dials: [], skipped: [], nextInMs: 30_000 })
})

test('a bootstrap peer is dialled for ever, with pauses that grow to 5 minutes', () => {
  const { plan, clock, pauseAfter } = start({ bootstrap: [peer('b', one)] })
  const pauses = Array.from({ length: 100 }, () => {
    const dial = take(plan)
    plan.failed(dial, 'unreachable')
    let waited = 0
    while (plan.due(new Set()).dials.length === 0) {
      const step = 1000
      clock.pass(step)
      waited += step
    }
    plan.failed(dial, 'unreachable')
    clock.pass(600_000)
    return waited
  })
  expect(pauses.slice(0, 3)).toEqual([5000, 20_000, 80_000])
  expect(pauses.at(-1)).toBe(300_000)
  expect(pauseAfter(take(plan), 'unreachable')).toBe(30_000) // the next look at bans
})

test.each<[DialFailure, number, number]>([
  ['wrong-peer', 3_600_000, 10_000],
  ['other-network', 600_000, 10_000],
  ['no-address', 600_000, 10_000],
  ['unreachable', 10_000, 10_000],
])('after %s a found peer waits %i ms with p2p_optimise_retries, %i ms without', (failure, optimised, plain) => {
  for (const [optimiseRetries, pause] of [
    [true, optimised],
    [false, plain],
  ] as const) {
    // biome-ignore format: two cases
    const { plan, clock, due } = start({ optimiseRetries })
    plan.found(peer('f', one))
    plan.failed(take(plan), failure)
    clock.pass(pause - 1)
    plan.found(peer('f', one)) // discovery tells of it again and again
    expect(due()).toEqual([])
    clock.pass(1)
    expect(due()).toEqual(['f'])
  }
})

test('with p2p_optimise_retries a peer of the settings waits at most 5 minutes', () => {
  const { plan, clock, due } = start({ static: [peer('a', one)], optimiseRetries: true })
  plan.failed(take(plan), 'wrong-peer')
  clock.pass(299_999)
  expect(due()).toEqual([])
  clock.pass(1)
  expect(due()).toEqual(['a'])
})

test('a lost peer is dialled again within a second; one that closes at once is not dialled in a tight loop', () => {
  const { plan, clock, due } = start({ static: [peer('a', one)] })
  plan.connected(take(plan))
  clock.pass(60_000)
  plan.lost(idOf('a'))
  clock.pass(500)
  plan.connected(take(plan))
  plan.lost(idOf('a'))
  clock.pass(4999)
  expect(due()).toEqual([])
  clock.pass(1)
  expect(due()).toEqual(['a'])
})

test('found peers: what becomes of each is said', () => {
  const { plan, banned } = start({ static: [peer('a', one)] })
  banned.add(idOf('bad'))
  expect(plan.found(peer('self', one))).toBe('self')
  expect(plan.found(peer('a', '/ip4/127.0.0.1/tcp/1'))).toBe('known')
  expect(plan.found(peer('bad', one))).toBe('banned')
  expect(plan.found(peer('quic', '/ip4/8.8.8.8/udp/1/quic-v1'))).toBe('no-address')
  expect(plan.found(peer('local', '/ip4/127.0.0.1/tcp/1', '/ip6/fe80::1/tcp/1'))).toBe('private-address')
  expect(plan.found(peer('f', one))).toBe('new')
  expect(plan.found(peer('f', one))).toBe('known')
})

test('of a found peer only public addresses are dialled on a public network, and all of them on a private one', () => {
  const addresses = ['/ip4/10.0.0.1/tcp/1', '/dnsaddr/list.example', one]
  for (const [isPublic, expected] of [
    [true, [one]],
    [false, ['/ip4/10.0.0.1/tcp/1', one]],
  ] as const) {
    // biome-ignore format: two cases
    const { plan } = start({ isPublic })
    plan.found(peer('f', ...addresses))
    expect(take(plan).addresses).toEqual(expected.map((text) => `${text}/p2p/${idOf('f')}`))
  }
})

test('what strangers tell of a peer of the settings changes nothing', () => {
  const { plan } = start({ static: [peer('a', one)] })
  plan.found(peer('a', two))
  expect(take(plan)).toEqual({ peerId: idOf('a'), source: 'static', addresses: [one] })
})

test('found peers are bounded, dialled a few at a time, and only while there is room', () => {
  const { plan, connected, clock } = start({ maxConnectionsForFound: 6 })
  const outcomes = Array.from({ length: 1500 }, (_, index) => plan.found(peer(`f${index}`, one)))
  expect(outcomes.filter((outcome) => outcome === 'new')).toHaveLength(1000)
  expect(outcomes.at(-1)).toBe('too-many')
  for (const name of ['x', 'y']) connected.add(name)
  expect(plan.due(connected).dials).toHaveLength(4)
  clock.pass(60_000)
  expect(plan.due(connected).dials).toHaveLength(0)
})

test('the dials of found peers have a rate, so that they do not look like a scan', () => {
  const { plan, clock } = start({ maxConnectionsForFound: 1000 })
  for (let index = 0; index < 500; index++) plan.found(peer(`f${index}`, one))
  let dials = 0
  for (let second = 0; second < 10; second++) {
    for (const dial of plan.due(new Set()).dials) {
      dials += 1
      plan.failed(dial, 'unreachable')
    }
    clock.pass(1000)
  }
  expect(dials).toBeGreaterThan(20)
  expect(dials).toBeLessThanOrEqual(20 + 10 * 5)
})

test('a found peer that nobody tells of any more is forgotten', () => {
  const { plan, clock, due } = start({})
  plan.found(peer('f', one))
  plan.failed(take(plan), 'unreachable')
  clock.pass(3_600_001)
  expect(due()).toEqual([])
  expect(plan.found(peer('f', one))).toBe('new')
})

test('new addresses of a found peer are tried, and do not reset its pauses', () => {
  const { plan, clock, due } = start({ optimiseRetries: true })
  plan.found(peer('f', one))
  plan.failed(take(plan), 'wrong-peer')
  expect(plan.found(peer('f', two))).toBe('new')
  expect(due()).toEqual([])
  clock.pass(10_000)
  expect(take(plan).addresses).toEqual([`${two}/p2p/${idOf('f')}`])
})

test('the addresses of a found peer carry its peer id, and those of another peer are left out', () => {
  const { plan } = start({})
  plan.found(peer('f', one, `${two}/p2p/${idOf('other')}`, ...Array.from({ length: 20 }, (_, index) => `/ip4/8.8.8.${index}/tcp/1`)))
  const { addresses } = take(plan)
  expect(addresses).toHaveLength(8)
  expect(addresses.every((text) => text.endsWith(`/p2p/${idOf('f')}`))).toBe(true)
})

test('a found peer that brought nothing is not dialled for an hour, whatever others tell of it; a static one is', () => {
  const { plan, clock, due } = start({ static: [peer('a', one)] })
  plan.found(peer('f', one))
  for (const dial of plan.due(new Set()).dials) plan.connected(dial)
  for (const name of ['a', 'f']) {
    clock.pass(60_000)
    expect(plan.unwanted(idOf(name))).toBe(name === 'f')
    plan.lost(idOf(name))
  }
  clock.pass(3_500_000)
  plan.found(peer('f', two))
  expect(due()).toEqual(['a'])
  clock.pass(100_001)
  expect(due()).toEqual(['f'])
})

test('a peer that a list names is dialled as one of the settings, and a list adds addresses to one that is known', () => {
  const { plan } = start({ static: [peer('a', one)] })
  expect(plan.listed(peer('b', two), 'bootstrap')).toBe(true)
  expect(plan.listed(peer('a', two), 'bootstrap')).toBe(false)
  expect(plan.listed(peer('self', two), 'static')).toBe(false)
  expect(plan.due(new Set()).dials).toEqual([
    { peerId: idOf('a'), source: 'static', addresses: [one, two] },
    { peerId: idOf('b'), source: 'bootstrap', addresses: [two] },
  ])
})

test('what lists name is bounded', () => {
  const { plan } = start({})
  const news = Array.from({ length: 1500 }, (_, index) => plan.listed(peer(`l${index}`, one), 'static'))
  expect(news.filter(Boolean)).toHaveLength(1000)
})

test('however many addresses a list names for a peer, those of the settings stay', () => {
  const { plan } = start({ static: [peer('a', one)] })
  const listed = (from: number) => Array.from({ length: 20 }, (_, index) => two.replace('tcp/', `tcp/${from + index}`))
  for (const from of [10, 40]) plan.listed({ peerId: idOf('a'), addresses: listed(from) }, 'bootstrap')
  const [dial] = plan.due(new Set()).dials
  expect(dial?.addresses[0]).toBe(one)
  expect(dial?.addresses).toHaveLength(17)
})

test('after each failure another address is first', () => {
  const { plan, clock } = start({ static: [peer('a', one, two)] })
  const firsts = Array.from({ length: 3 }, () => {
    const [dial] = plan.due(new Set()).dials
    if (dial) plan.failed(dial, 'unreachable')
    clock.pass(60_000)
    return dial?.addresses[0]
  })
  expect(firsts).toEqual([one, two, one])
})
