import { pino } from 'pino'
import { Registry } from 'prom-client'
import { onTestFinished } from 'vitest'
import { createAdminApi } from '../../../src/admin/admin-api.ts'
import { createBansAdmin } from '../../../src/admin/bans-admin.ts'
import { createKeyGate } from '../../../src/admin/create-key-gate.ts'
import { createPeersAdmin } from '../../../src/admin/peers-admin.ts'
import type { PeerInfo, ScoresAdmin } from '../../../src/admin/ports.ts'
import { StatusBoard, type StatusSources } from '../../../src/admin/status/status-board.ts'
import type { BanStore } from '../../../src/bans/ports.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { Health } from '../../../src/lifecycle/health.ts'
import type { DialFailure } from '../../../src/peers/ports.ts'
import { createAdminMetrics } from '../../../src/telemetry/admin-metrics.ts'
import { startMemoryBans } from '../../support/bridge/memory-bans.ts'

export const KEY = 'a-key-of-more-than-16-characters'
export const PEER = '12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK'

export const FACTS = { version: '1.2.3', bridgeId: 'bridge', instanceId: 'instance', network: 'regtest', roles: ['relay', 'admin'] }

/** What the parts of a whole bridge tell. */
export const SOURCES = {
  instances: () => [{ instanceId: 'instance', peerId: PEER, version: '1.2.3', heardAt: 1_700_000_000_000 }],
  isPrimary: () => true,
  pending: () => ({ records: 3, bytes: 900 }),
  browsers: () => ({ clients: 2, recentEvents: 40 }),
  kafka: async () => ({ lags: [{ group: 'bridge.log', topic: 'rejectedtx', records: 7 }], tailLag: 0, clockAheadMs: -3 }),
  isDatabaseUp: async () => true,
  evidence: async (causes: readonly string[]) => new Map(causes.map((cause) => [cause, { door: 'http', who: '127.0.0.1' }])),
} satisfies Partial<StatusSources>

export interface StartApiOptions {
  readonly key?: string
  /** Why each dial fails. */
  readonly failure?: DialFailure
  /** Undefined where no scores are kept. */
  readonly scores?: ScoresAdmin
  /** Replaces the memory store's `change`. */
  readonly change?: BanStore['change']
}

/** The API on a free loopback port, on a real ban list in memory and two peers. It stops at the end of the test. */
export async function startApi({ key = KEY, failure, scores, change }: StartApiOptions = {}) {
  const lines: Record<string, unknown>[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const registry = new Registry()
  const metrics = createAdminMetrics(registry)
  const health = new Health({ clock: SYSTEM_CLOCK })
  const bans = await startMemoryBans({ change }, { log, registry, health: health.part('bans') })
  const dialled: string[] = []
  const connected = new Map<string, Omit<PeerInfo, 'height' | 'isOfSettings' | 'isSibling'>>([
    [
      PEER,
      {
        peerId: PEER,
        address: '203.0.113.7',
        direction: 'outbound',
        connectedAt: 1_700_000_000_000,
        topics: ['a', 'b'],
        mesh: ['a'],
        latencyMs: 12,
      },
    ],
  ])
  const host = {
    peers: () => [...connected.values()],
    connect: async (address: string) => {
      dialled.push(address)
      return failure
    },
    disconnect: (peerId: string) => connected.delete(peerId),
  }
  const ports = {
    bans: createBansAdmin({ bans, log }),
    peers: createPeersAdmin({ host, log, isOfSettings: (peerId) => peerId === PEER, isSibling: () => false, heightOf: () => 850_000 }),
    scores,
  }
  const { gate, stop } = createKeyGate({ key }, { log, metrics, clock: SYSTEM_CLOCK })
  const board = new StatusBoard(FACTS, { health, clock: SYSTEM_CLOCK })
  board.provide({ ports, peerId: PEER, ...SOURCES })
  const address = { host: '127.0.0.1', port: 0 }
  const api = createAdminApi(
    { address, version: '1.2.3' },
    { ports: { ...ports, status: () => board.status() }, log, metrics, gate, health: health.part('admin') },
  )
  await api.start()
  onTestFinished(async () => {
    await api.stop()
    stop()
    await bans.stop()
  })
  const url = `http://127.0.0.1:${api.port()}`
  const ask = async (method: string, path: string, { body, headers = { 'x-api-key': key } }: Asked = {}) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...headers, connection: 'close' },
      ...(text === undefined ? {} : { body: text }),
    })
    const answer = await response.text()
    return { status: response.status, headers: response.headers, body: answer === '' ? undefined : JSON.parse(answer) }
  }
  return {
    ask,
    bans,
    board,
    gate,
    log,
    dialled,
    lines,
    port: api.port(),
    metric: async (name: string) => (await registry.getSingleMetric(name)?.get())?.values ?? [],
  }
}

interface Asked {
  /** An object is sent as JSON. */
  readonly body?: unknown
  readonly headers?: Record<string, string>
}
