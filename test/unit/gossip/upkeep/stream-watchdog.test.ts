import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { StreamWatchdog } from '../../../../src/gossip/upkeep/stream-watchdog.ts'

const peer = peerIdFromString('12D3KooWAFXWuxgdJoRsaA4J4RRRr8yu6WCrAPf8FaS7UfZg3ceG')
const running = new AbortController().signal

function stream(direction: 'inbound' | 'outbound'): Stream {
  return { direction, status: 'open', protocol: '/meshsub/1.2.0', writeStatus: 'writable', remoteWriteStatus: 'writable' } as Stream
}

/** One connected peer whose streams the test sets; records hang-ups and dials. */
function start() {
  const world = {
    time: 0,
    streams: [stream('inbound'), stream('outbound')],
    isRouted: true,
    speaksGossip: true,
    isConnected: true,
    canReopen: false,
  }
  const heals: number[] = []
  const dialled: PeerId[] = []
  const reopened: number[] = []
  const watchdog = new StreamWatchdog(
    { graceMs: 2000 },
    {
      node: {
        getPeers: () => (world.isConnected ? [peer] : []),
        getConnections: () => (world.isConnected ? [{ status: 'open', streams: world.streams } as Connection] : []),
        async hangUp() {
          world.isConnected = false
        },
      },
      log: pino({ level: 'silent' }),
      now: () => world.time,
      random: () => 0,
      speaksGossip: async () => world.speaksGossip,
      routed: () => new Set(world.isRouted ? [peer.toString()] : []),
      async reopen() {
        reopened.push(world.time)
        if (world.canReopen) world.streams = [stream('inbound'), stream('outbound')]
        return world.canReopen
      },
      async dial(to) {
        dialled.push(to)
        world.isConnected = true
      },
      onHeal: () => heals.push(world.time),
    },
  )
  return {
    world,
    heals,
    dialled,
    reopened,
    /** Checks once a second until the given time. */
    async until(seconds: number) {
      for (; world.time <= seconds * 1000; world.time += 1000) {
        await watchdog.look(running)
        await watchdog.settled()
      }
    },
  }
}

test('a healthy peer is left alone', async () => {
  const { heals, until } = start()
  await until(60)
  expect(heals).toEqual([])
})

test('a missing outbound stream is repaired after the grace period, not sooner', async () => {
  const { world, heals, dialled, until } = start()
  world.streams = [stream('inbound')]
  await until(1)
  expect(heals).toEqual([])
  await until(2)
  expect(heals).toEqual([2000])
  expect(dialled).toEqual([peer])
})

test('a stream that the peer no longer reads from is replaced at once, and the connection stays', async () => {
  const { world, heals, dialled, reopened, until } = start()
  world.canReopen = true
  world.streams = [stream('inbound'), { ...stream('outbound'), remoteWriteStatus: 'closed' }]
  await until(10)
  expect(heals).toEqual([1000])
  expect(reopened).toEqual([1000])
  expect(dialled).toEqual([])
})

test('a peer that never reads our stream is retried with growing pauses', async () => {
  const { world, heals, until } = start()
  world.streams = [stream('inbound'), { ...stream('outbound'), remoteWriteStatus: 'closed' }]
  await until(100)
  expect(heals.slice(0, 4)).toEqual([1000, 5000, 13_000, 29_000])
})

test('only the peer can open its own stream, so a missing inbound stream means a new connection', async () => {
  const { world, dialled, reopened, until } = start()
  world.canReopen = true
  world.streams = [stream('outbound')]
  await until(10)
  expect(reopened).toEqual([])
  expect(dialled).toEqual([peer])
})

test('a peer that the router lost is repaired, even with an open stream', async () => {
  const { world, heals, until } = start()
  world.isRouted = false
  await until(2)
  expect(heals).toHaveLength(1)
})

test('a missing inbound stream gets more time, since the peer opens it', async () => {
  const { world, heals, until } = start()
  world.streams = [stream('outbound')]
  await until(9)
  expect(heals).toEqual([])
  await until(10)
  expect(heals).toHaveLength(1)
})

test('a peer that always refuses the stream is retried with growing pauses', async () => {
  const { world, heals, until } = start()
  world.streams = []
  await until(1000)
  const pauses = heals.slice(1).map((at, i) => at - (heals[i] ?? 0))
  expect(pauses.slice(0, 4)).toEqual([4000, 8000, 16_000, 32_000])
  expect(Math.max(...pauses)).toBeLessThanOrEqual(301_000)
})

test('a peer that does not speak gossip is left alone', async () => {
  const { world, heals, until } = start()
  world.streams = []
  world.speaksGossip = false
  await until(60)
  expect(heals).toEqual([])
})

test('a stream that returns within the grace period is not a loss', async () => {
  const { world, heals, until } = start()
  world.streams = [stream('inbound')]
  await until(1)
  world.streams = [stream('inbound'), stream('outbound')]
  await until(3)
  world.streams = [stream('inbound')]
  await until(5)
  expect(heals).toEqual([])
})
