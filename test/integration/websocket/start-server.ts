import { pino } from 'pino'
import { Registry } from 'prom-client'
import { DEFAULT_EVENT_TYPES, EVENT_TYPES } from '../../../src/events/entries/event-kinds.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { Health } from '../../../src/lifecycle/health.ts'
import { createWebSocketMetrics } from '../../../src/telemetry/websocket-metrics.ts'
import { WEBSOCKET_LIMITS, type WebSocketLimits } from '../../../src/websocket/limits.ts'
import {
  createWebSocketServer,
  type WebSocketServer,
  type WebSocketServerDeps,
  type WebSocketServerOptions,
} from '../../../src/websocket/server.ts'
import { onEnd } from '../../support/on-end.ts'
import { FakeLog } from './fake-log.ts'

export const PING = '{"timestamp":"2025-07-07T09:00:00Z","type":"PING","base_url":"http://node.example/api/v1"}'

export interface StartServerOptions extends Partial<Omit<WebSocketServerOptions, 'limits'>> {
  log?: FakeLog
  limits?: Partial<WebSocketLimits>
  node?: Partial<WebSocketServerDeps['node']>
  door?: WebSocketServerDeps['door']
  clock?: WebSocketServerDeps['clock']
}

export interface TestServer {
  readonly server: WebSocketServer
  readonly log: FakeLog
  readonly registry: Registry
  readonly logLines: Record<string, unknown>[]
  /** What the server's part of `/readyz` says. */
  readonly readiness: () => string | undefined
  readonly http: string
  readonly ws: string
}

export async function startServer({ log = new FakeLog(), ...options }: StartServerOptions = {}): Promise<TestServer> {
  const made = makeServer({ log, ...options })
  onEnd(() => made.server.stop())
  await made.server.start()
  const scheme = options.tls ? 's' : ''
  const authority = `127.0.0.1:${made.server.port()}`
  return { ...made, http: `http${scheme}://${authority}`, ws: `ws${scheme}://${authority}` }
}

export function makeServer({ log = new FakeLog(), limits, node, door, clock = SYSTEM_CLOCK, ...options }: StartServerOptions = {}) {
  const registry = new Registry()
  const health = new Health({ clock: SYSTEM_CLOCK })
  const logLines: Record<string, unknown>[] = []
  const logger = pino({ level: 'debug' }, { write: (line: string) => logLines.push(JSON.parse(line)) })
  const server = createWebSocketServer(
    {
      listenAddress: { host: '127.0.0.1', port: 0 },
      tls: null,
      publicAddress: { host: 'bridge.example', port: 9906 },
      allowedOrigins: [],
      trustedProxies: [],
      types: EVENT_TYPES,
      defaultTypes: DEFAULT_EVENT_TYPES,
      pages: new Map(),
      limits: { ...WEBSOCKET_LIMITS, drainMs: 200, ...limits },
      ...options,
    },
    {
      log: logger,
      metrics: createWebSocketMetrics(registry),
      health: health.part('websocket'),
      history: log.history,
      clock,
      ...(door && { door }),
      node: {
        hello: () => ({
          version: '0.1.0',
          instance: 'one',
          bridgeId: 'node-a',
          network: 'regtest',
          clientName: 'node-a',
          peerId: '12D3KooWOwn',
        }),
        teranodePing: () => PING,
        ...node,
      },
    },
  )
  return { server, log, registry, logLines, readiness: () => health.report().parts[0]?.reason }
}
