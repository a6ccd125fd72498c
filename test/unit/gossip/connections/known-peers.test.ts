import { multiaddr } from '@multiformats/multiaddr'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createKnownPeers, type KnownPeersOptions } from '../../../../src/gossip/connections/known-peers.ts'
import { eventually } from '../../../support/eventually.ts'
import { onEnd } from '../../../support/on-end.ts'

const peerId = '12D3KooWAFXWuxgdJoRsaA4J4RRRr8yu6WCrAPf8FaS7UfZg3ceG'
const peer = { peerId, addresses: [multiaddr(`/ip4/192.0.2.1/tcp/1/p2p/${peerId}`)] }

/** A dial succeeds when `isUp`, and the connection stays open when `stays`. */
function start(options: Partial<KnownPeersOptions>) {
  const world = { isUp: false, stays: true, isConnected: false, dialledAt: [] as number[] }
  const lines: { level: number; msg: string }[] = []
  const known = createKnownPeers(
    { kind: 'static', peers: [peer], retryMs: 20, maxRetryMs: 20, checkMs: 60_000, ...options },
    {
      log: pino({ level: 'debug' }, { write: (line) => lines.push(JSON.parse(line)) }),
      random: () => 0.5,
      isConnected: () => world.isConnected,
      async dial() {
        world.dialledAt.push(performance.now())
        if (!world.isUp) throw new Error('nobody there')
        world.isConnected = world.stays
      },
    },
  )
  onEnd(() => known.stop())
  known.start()
  return { world, known, lines }
}

test('tries again until it works, warns once, then leaves the connection alone', async () => {
  const { world, lines } = start({})
  await eventually(() => world.dialledAt.length >= 4)
  world.isUp = true
  await eventually(() => world.isConnected)
  const dials = world.dialledAt.length
  await eventually(() => lines.some(({ msg }) => msg.startsWith('connected to a peer')))
  expect(world.dialledAt).toHaveLength(dials)
  expect(lines.filter(({ level }) => level === 40)).toHaveLength(1)
})

test('dials a lost peer again without waiting for the next check', async () => {
  const { world, known } = start({})
  world.isUp = true
  await eventually(() => world.isConnected)
  world.isConnected = false
  known.lost(peerId)
  await eventually(() => world.isConnected)
})

test('the pause between dials grows for bootstrap peers', async () => {
  const { world } = start({ kind: 'bootstrap', retryMs: 10, maxRetryMs: 80 })
  await eventually(() => world.dialledAt.length >= 6)
  const pauses = world.dialledAt.slice(1).map((at, i) => at - (world.dialledAt[i] ?? 0))
  expect(pauses[2]).toBeGreaterThan(35)
  expect(pauses[4]).toBeGreaterThan(70)
})

test('a peer that accepts and closes at once is not dialled in a tight loop', async () => {
  const { world } = start({ retryMs: 50 })
  world.isUp = true
  world.stays = false
  const before = performance.now()
  await eventually(() => world.dialledAt.length >= 4)
  expect(performance.now() - before).toBeGreaterThan(100)
})
