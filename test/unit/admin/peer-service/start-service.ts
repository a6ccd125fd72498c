import { pino } from 'pino'
import { Registry } from 'prom-client'
import { onTestFinished } from 'vitest'
import { createBansAdmin } from '../../../../src/admin/bans-admin.ts'
import { chargeByHand } from '../../../../src/admin/peer-service/charge-by-hand.ts'
import { createLatestScores } from '../../../../src/admin/peer-service/latest-scores.ts'
import { PeerService } from '../../../../src/admin/peer-service/peer-service.ts'
import { createPeersAdmin } from '../../../../src/admin/peers-admin.ts'
import type { RpcCall } from '../../../../src/admin/ports.ts'
import type { BanStore } from '../../../../src/bans/ports.ts'
import { SYSTEM_CLOCK } from '../../../../src/lifecycle/clock.ts'
import { Health } from '../../../../src/lifecycle/health.ts'
import type { DialFailure } from '../../../../src/peers/ports.ts'
import { createMemoryReputationStore } from '../../../../src/reputation/memory-reputation-store.ts'
import { createPeerRegistry } from '../../../../src/reputation/peer-registry.ts'
import type { KnownPeer } from '../../../../src/reputation/ports.ts'
import { SharedReputations } from '../../../../src/reputation/reputations.ts'
import type { Offence } from '../../../../src/scores/offence.ts'
import { createGrpcMetrics } from '../../../../src/telemetry/grpc-metrics.ts'
import { startMemoryBans } from '../../../support/bridge/memory-bans.ts'

export const KEY = 'a-key-of-more-than-16-characters'
export const PEER = '12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK'
export const OTHER = '12D3KooWAFXWuxgdJoRsaA4J4RRRr8yu6WCrAPf8FaS7UfZg3ceG'
export const HASH = `${'0'.repeat(56)}deadbeef`

export interface StartServiceOptions {
  readonly key?: string
  readonly failure?: DialFailure
  readonly announced?: ReadonlyMap<string, KnownPeer>
  /** Undefined where no scores are kept. */
  readonly scores?: { readonly points: Record<string, number>; readonly charge?: (offence: Offence) => Promise<unknown> }
  /** Replaces the memory store's `change`. */
  readonly change?: BanStore['change']
}

/** The peer service on a real ban list in memory, real reputations in memory and one connected peer. */
export async function startService(options: StartServiceOptions = {}) {
  const { key = KEY, failure, announced = new Map(), scores, change } = options
  const lines: Record<string, unknown>[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const registry = new Registry()
  const health = new Health({ clock: SYSTEM_CLOCK })
  const bans = await startMemoryBans({ change }, { log, registry, health: health.part('bans') })
  const connected = new Map([
    [
      PEER,
      {
        peerId: PEER,
        address: '203.0.113.7',
        direction: 'inbound' as const,
        connectedAt: 1_700_000_000_000,
        topics: ['a'],
        mesh: [],
        latencyMs: null,
      },
    ],
  ])
  const dialled: string[] = []
  const host = {
    peers: () => [...connected.values()],
    connect: async (address: string) => {
      dialled.push(address)
      return failure
    },
    disconnect: (peerId: string) => connected.delete(peerId),
  }
  const reputations = new SharedReputations(
    { maxPeers: 100 },
    { store: createMemoryReputationStore({ maxPeers: 100 }), log, clock: SYSTEM_CLOCK, onLost: () => {} },
  )
  const metrics = createGrpcMetrics(registry)
  const list = async () => Object.entries(scores?.points ?? {}).map(([peerId, points]) => ({ peerId, points, at: 0 }))
  const ports = {
    bans: createBansAdmin({ bans, log }),
    peers: createPeersAdmin({ host, log, heightOf: () => null, isOfSettings: () => false, isSibling: () => false }),
    scores: createLatestScores({ scores: scores && { list }, clock: SYSTEM_CLOCK }),
    charge: scores?.charge && chargeByHand(scores.charge),
    audit: (requester: object, fields: object) => log.info({ ...requester, ...fields }, 'audit: a peer was judged by hand'),
    registry: createPeerRegistry({
      announced: { get: (peerId) => announced.get(peerId), all: () => announced },
      reputations,
      connected: host.peers,
      isBanned: (peerId) => bans.isBanned({ peerId }),
      clock: SYSTEM_CLOCK,
    }),
    reputations,
  }
  const service = new PeerService({ key }, { ports, metrics, log, clock: SYSTEM_CLOCK })
  onTestFinished(async () => {
    service.stop()
    await reputations.stop()
    await bans.stop()
  })
  return {
    service,
    bans,
    dialled,
    lines,
    connected,
    /** Calls with the right key, unless told otherwise. Resolves with the response, or with `failure` and `message`. */
    ask: async (method: string, request: Record<string, unknown> = {}, given: Partial<RpcCall> = {}): Promise<Record<string, unknown>> => {
      const answer = await service.call({ method, request, address: '198.51.100.9', key, actor: undefined, ...given })
      return 'failure' in answer ? { ...answer } : { ...answer.response }
    },
    metric: async (name: string) => (await registry.getSingleMetric(name)?.get())?.values ?? [],
  }
}
