import { pino } from 'pino'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { createDialler } from '../../../../src/gossip/connections/dialler.ts'
import { SYSTEM_CLOCK } from '../../../../src/lifecycle/clock.ts'
import { createPeerPolicy } from '../../../../src/peers/peer-policy.ts'
import { createGossipMetrics } from '../../../../src/telemetry/gossip-metrics.ts'
import { eventually } from '../../../support/eventually.ts'
import { onEnd } from '../../../support/on-end.ts'

const peerId = '12D3KooWAFXWuxgdJoRsaA4J4RRRr8yu6WCrAPf8FaS7UfZg3ceG'
const found = '12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust'
const address = `/ip4/8.8.8.8/tcp/1/p2p/${peerId}`

/** A dial succeeds when `isUp`. */
function start({ isBanned = () => false, staticPeers = [address] }: { isBanned?: () => boolean; staticPeers?: string[] } = {}) {
  const world = { isUp: false, dialled: [] as string[] }
  const connected = new Set<string>()
  const lines: { level: number; msg: string }[] = []
  const { dials: plan } = createPeerPolicy(
    { ownPeerId: 'self', staticPeers, isPublic: true, firstRetryMs: 20 },
    { isBanned, clock: SYSTEM_CLOCK },
  )
  const registry = new Registry()
  const dialler = createDialler({
    plan,
    connections: connected,
    async dial({ addresses }) {
      world.dialled.push(...addresses)
      if (!world.isUp) throw new Error('nobody there')
      connected.add(peerId)
    },
    log: pino({ level: 'debug' }, { write: (line) => lines.push(JSON.parse(line)) }),
    metrics: createGossipMetrics(registry),
  })
  onEnd(() => dialler.stop())
  dialler.start()
  return { world, plan, dialler, connected, lines, registry }
}

test('tries again until it works, warns once, then leaves the connection alone', async () => {
  const { world, connected, lines, registry } = start()
  await eventually(() => world.dialled.length >= 4)
  world.isUp = true
  await eventually(() => connected.has(peerId))
  await eventually(() => lines.some(({ msg }) => msg === 'connected to a peer'))
  const dials = world.dialled.length
  expect(lines.filter(({ level }) => level === 40)).toHaveLength(1)
  expect(await registry.metrics()).toContain(`bridge_gossip_dial_failures_total{kind="static",failure="unreachable"} ${dials - 1}`)
})

test('dials a lost peer again without waiting for the next look', async () => {
  const { world, dialler, connected } = start()
  world.isUp = true
  await eventually(() => connected.has(peerId))
  connected.delete(peerId)
  dialler.lost(peerId)
  await eventually(() => connected.has(peerId))
})

test('dials a found peer as soon as it is told', async () => {
  const { world, plan, dialler, connected } = start()
  world.isUp = true
  await eventually(() => connected.has(peerId))
  plan.found({ peerId: found, addresses: ['/ip4/8.8.4.4/tcp/2'] })
  dialler.wake()
  await eventually(() => world.dialled.includes(`/ip4/8.8.4.4/tcp/2/p2p/${found}`))
})

test('a peer of the settings that is banned is not dialled: a warning says so once, and each time is counted', async () => {
  const { world, lines, registry } = start({ isBanned: () => true })
  const metric = 'bridge_gossip_dial_failures_total{kind="static",failure="banned"} 3'
  await eventually(async () => (await registry.metrics()).includes(metric))
  expect(world.dialled).toEqual([])
  expect(lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual([
    '40 a peer of the settings is not dialled, because it or its address is banned: unban it, or take it out of the settings',
  ])
})
