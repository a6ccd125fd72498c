import { pino } from 'pino'
import { Registry } from 'prom-client'
import { createBansAdmin } from '../../src/admin/bans-admin.ts'
import { createKeyGate } from '../../src/admin/create-key-gate.ts'
import { createDashboardDoor, type DashboardDoorOptions } from '../../src/admin/dashboard-door.ts'
import type { PeerInfo } from '../../src/admin/ports.ts'
import { StatusBoard } from '../../src/admin/status/status-board.ts'
import { SYSTEM_CLOCK } from '../../src/lifecycle/clock.ts'
import { Health } from '../../src/lifecycle/health.ts'
import { createAdminMetrics } from '../../src/telemetry/admin-metrics.ts'
import { startMemoryBans } from '../support/bridge/memory-bans.ts'
import { onEnd } from '../support/on-end.ts'

export const KEY = 'a-key-of-more-than-16-characters'
const LETTERS = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** A peer id that looks like one, the same for the same number. */
export function samplePeerId(serial: number): string {
  let [state, text] = [serial * 2654435761 + 1, '12D3KooW']
  while (text.length < 52) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    text += LETTERS[(state >>> 9) % LETTERS.length]
  }
  return text
}

export function samplePeer(serial: number, changes: Partial<PeerInfo> = {}): PeerInfo {
  const topics = ['block', 'subtree', 'mining_on', 'rejected_tx'].map((name) => `bitcoin/regtest-${name}`)
  return {
    peerId: samplePeerId(serial),
    address: serial % 4 === 3 ? `2001:db8:${serial}::${serial + 1}` : `203.0.113.${serial + 1}`,
    direction: serial % 3 === 0 ? 'inbound' : 'outbound',
    connectedAt: Date.now() - 1000 * (7 + serial ** 3 * 40),
    topics,
    mesh: topics.slice(0, serial % 5),
    latencyMs: serial === 0 ? null : 3 + ((serial * 37) % 180),
    height: serial % 7 === 6 ? null : 850_002 - (serial % 3),
    isOfSettings: serial === 1,
    isSibling: serial === 2,
    ...changes,
  }
}

/** A status of which a test sets what it needs, behind a real door: bans, key and rules are those of a bridge. */
export async function startSampleStatus(options: Partial<DashboardDoorOptions> = {}) {
  const log = pino({ enabled: false })
  const registry = new Registry()
  const clock = SYSTEM_CLOCK
  const health = new Health({ clock })
  const bans = await startMemoryBans({}, { log, registry, health: new Health({ clock }).part('bans') })
  onEnd(() => bans.stop())
  const peers: PeerInfo[] = []
  const points = new Map<string, number>()
  const facts = {
    version: '0.1.0',
    bridgeId: 'node-a',
    instanceId: 'gossip-bridge-0',
    network: 'regtest',
    roles: ['relay', 'edge', 'admin'],
  }
  const board = new StatusBoard(facts, { health, clock: { ...clock, steady: performance.now.bind(performance) } })
  const scores = { list: async () => [...points].map(([peerId, score]) => ({ peerId, points: score, at: 0 })) }
  const ports = { bans: createBansAdmin({ bans, log }), peers: { list: () => peers } as never, scores }
  const { gate, stop } = createKeyGate({ key: KEY }, { log, metrics: createAdminMetrics(registry), clock })
  onEnd(async () => stop())
  const ended = new AbortController()
  const door = createDashboardDoor(
    { show: 'auto', mayChange: false, ...options },
    { board, gate, log, onAnswer: () => {}, signal: ended.signal },
  )
  return { door, board, health, bans, peers, points, ports }
}

/** As the audit has it of a ban by score. */
const EVIDENCE = {
  points: 100,
  threshold: 100,
  offences: [
    { reason: 'invalid_block', points: 50, cause: 'invalid-blocks:0:41' },
    { reason: 'invalid_block', points: 50, cause: 'invalid-blocks:0:77' },
  ],
  door: 'score',
  who: null,
}

export type SampleStatus = Awaited<ReturnType<typeof startSampleStatus>>

/** All that a whole bridge tells, well or with parts that are not. */
export function fillStatus({ board, health, peers, points, ports }: SampleStatus, { peerCount = 5, isWell = true } = {}): void {
  for (let serial = 0; serial < peerCount; serial++) peers.push(samplePeer(serial))
  points.set(samplePeerId(3), 40)
  for (const part of ['websocket', 'identity', 'producer', 'bans', 'event log', 'group log']) health.part(part).ready()
  health.part('gossip').ready(`${peerCount} peers`)
  health.note('pulse', () => 'event-log 12 s, tail 12 s, validation 12 s, websocket 12 s')
  if (isWell) health.part('group gossip').ready()
  else {
    const reason = 'no connection to kafka-1.example:9092 (ECONNREFUSED): the records wait in Kafka, see kafka_brokers'
    health.part('group gossip').notReady(reason)
  }
  const own = { instanceId: 'gossip-bridge-0', peerId: samplePeerId(100), version: '0.1.0', heardAt: Date.now() - 12_000 }
  const sibling = { instanceId: 'gossip-bridge-1', peerId: samplePeerId(2), version: '0.1.0', heardAt: Date.now() - 41_000 }
  const edge = { instanceId: 'edge-7f9c', peerId: null, version: isWell ? '0.1.0' : '0.0.9', heardAt: Date.now() - 3000 }
  board.provide({
    ports,
    peerId: own.peerId,
    instances: () => [edge, own, sibling],
    isPrimary: () => true,
    pending: () => ({ records: isWell ? 0 : 312, bytes: 0 }),
    browsers: () => ({ clients: 240, recentEvents: 2000 }),
    kafka: async () => ({
      lags: [
        { group: 'node-a.gossip', topic: 'blockchain-notifications', records: isWell ? 0 : 4210 },
        { group: 'node-a.log', topic: 'blockchain-notifications', records: 0 },
        { group: 'node-a.log', topic: 'rejectedtx', records: isWell ? 3 : 870 },
      ],
      tailLag: 0,
      clockAheadMs: isWell ? -4 : 12_400,
    }),
    isDatabaseUp: async () => isWell,
    evidence: async (causes) => new Map(causes.filter((cause) => cause.startsWith('score:')).map((cause) => [cause, EVIDENCE])),
  })
}
