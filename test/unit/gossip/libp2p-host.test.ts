import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { createConnectionBook } from '../../../src/gossip/connections/connection-book.ts'
import type { GossipHostDeps, GossipHostOptions } from '../../../src/gossip/gossip-host.ts'
import { type HostParts, Libp2pHost } from '../../../src/gossip/libp2p-host.ts'

const connection = {
  id: 'one',
  status: 'open',
  direction: 'inbound',
  streams: [],
  timeline: { open: 1 },
  remotePeer: { toString: () => 'peer' },
  remoteAddr: multiaddr('/ip4/192.0.2.1/tcp/1'),
} as unknown as Connection

/** A host to which a peer connects while its node starts. */
function createHost() {
  const health: string[] = []
  let changes = 0
  const node = Object.assign(new EventTarget(), {
    services: { pubsub: Object.assign(new EventTarget(), { subscribe() {}, getMeshPeers: () => [], getSubscribers: () => [] }) },
    async start() {
      node.dispatchEvent(new CustomEvent('connection:open', { detail: connection }))
      await Promise.resolve()
    },
    async stop() {},
    getConnections: () => [],
    getMultiaddrs: () => [],
  })
  const part = { start() {}, stop() {}, async prepare() {}, lost() {} }
  const host = new Libp2pHost(
    { identity: { peerId: 'own' }, listenAddresses: [], port: 0, topics: ['blocks'] } as unknown as GossipHostOptions,
    {
      log: pino({ level: 'silent' }),
      metrics: { readFrom() {} },
      health: { ready: (reason: string) => void health.push(reason), notReady() {} },
      isBanned: () => false,
      clock: { steady: () => 0, wall: () => 0 },
      onPeersChanged: () => {
        changes += 1
      },
    } as unknown as GossipHostDeps,
    {
      node,
      book: createConnectionBook(),
      housekeeping: part,
      publisher: part,
      directStreams: part,
      refusals: { count() {} },
      rates: { inboundRate: 0 },
      toStop: [],
      stopTimeoutMs: 1000,
    } as unknown as HostParts,
  )
  onTestFinished(() => host.stop())
  return { host, health, changes: () => changes }
}

test('a peer that connects while the node starts is told of at once', async () => {
  const { host, health, changes } = createHost()
  await host.start()
  expect(health).toEqual(['1 peers'])
  expect(changes()).toBe(1)
})
