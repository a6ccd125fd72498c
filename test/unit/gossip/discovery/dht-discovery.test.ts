import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createDiscovery, type DiscoveryDeps } from '../../../../src/gossip/discovery/dht-discovery.ts'

const never = new AbortController().signal
const HOUR = 3_600_000

/** A DHT whose routing table has enough peers, and that counts the advertisements. */
function start() {
  const world = { now: 0, isSilent: false, advertised: 0 }
  const dht = {
    routingTable: { size: 30 },
    async *provide() {
      world.advertised += 1
      yield { name: 'DIALING_PEER' }
      if (world.isSilent) throw new Error('no answer')
    },
    findProviders: () => ({ async *[Symbol.asyncIterator]() {} }),
  } as unknown as DiscoveryDeps['dht']
  const counter = { inc() {} } as unknown as DiscoveryDeps['metrics']['dhtQueries']
  const discovery = createDiscovery(
    { topics: ['blocks'], findEachMs: 10_000, advertiseEachMs: 2 * HOUR, queryTimeoutMs: 1000 },
    {
      dht,
      found: () => 'new',
      onNew() {},
      ownPeerId: 'own',
      now: () => world.now,
      random: () => 0.5,
      log: pino({ level: 'silent' }),
      metrics: { dhtQueries: counter, foundPeers: counter as never },
    },
  )
  return {
    world,
    /** The number of advertisements of the round. */
    async roundAt(at: number): Promise<number> {
      world.now = at
      const before = world.advertised
      await discovery.round(never)
      return world.advertised - before
    },
  }
}

test('an advertisement is renewed before its records expire, not with each round', async () => {
  const { roundAt } = start()
  expect([await roundAt(0), await roundAt(10_000), await roundAt(2 * HOUR - 1), await roundAt(2 * HOUR)]).toEqual([2, 0, 0, 2])
})

test('an advertisement that failed is repeated after ten minutes', async () => {
  const { world, roundAt } = start()
  world.isSilent = true
  expect([await roundAt(0), await roundAt(10_000)]).toEqual([2, 0])
  world.isSilent = false
  expect([await roundAt(599_999), await roundAt(600_000), await roundAt(1_200_000)]).toEqual([0, 2, 0])
})
