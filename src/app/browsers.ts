import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Settings } from '../config/settings.ts'
import { loadPageFiles } from '../dashboard/page-files.ts'
import { formatCursor } from '../events/entries/cursor.ts'
import { DEFAULT_EVENT_TYPES, EVENT_TYPES } from '../events/entries/event-kinds.ts'
import type { Pulse } from '../events/instances/pulse.ts'
import { createHistory, HISTORY_DEFAULTS } from '../events/reading/history.ts'
import type { EventEntry } from '../events/reading/read-events.ts'
import { logToBrowsers } from '../flows/log-to-browsers.ts'
import type { PartitionReader } from '../kafka/reader/partition-reader.ts'
import type { Health } from '../lifecycle/health.ts'
import { teranodeNotification, teranodePing } from '../messages/dialects/teranode-notification.ts'
import { KIND_ROWS } from '../messages/page-rows.ts'
import type { WebSocketMetrics } from '../telemetry/websocket-metrics.ts'
import { createOwnClient, type OwnClient } from '../websocket/clients/own-client.ts'
import { WEBSOCKET_LIMITS } from '../websocket/limits.ts'
import { createWebSocketServer, type WebSocketServer } from '../websocket/server.ts'
import { ownDataHubUrl, type WireFormats } from './wire-formats.ts'

export interface BrowsersDeps {
  readonly formats: WireFormats
  readonly version: string
  /** Late too: it may have to be waited for. Null: not known yet, or there is none. */
  readonly ownPeerId: () => string | null
  /** Late, since browsers are served before the log can be read. */
  readonly reader: () => PartitionReader
  readonly log: Logger
  readonly health: Health
  readonly metrics: WebSocketMetrics
  readonly pulse: Pulse
}

export interface Browsers {
  readonly server: WebSocketServer
  start(): Promise<void>
  stop(): Promise<void>
  /** Entries of the log to everybody who listens; resolves when more may come. */
  deliver(entries: readonly EventEntry[], next: bigint): Promise<void>
}

/** The WebSocket server with the log as its feed and its past. */
export async function createBrowsers(settings: Settings, deps: BrowsersDeps): Promise<Browsers> {
  const toItem = logToBrowsers({
    formatCursor,
    teranodeNotification: (event) => {
      if (event.type === 'sync' || event.type === 'ban' || event.type === 'instance') return null
      return teranodeNotification(event, deps.ownPeerId() ?? '') ?? null
    },
  })
  const ownToken = randomUUID()
  const server = createWebSocketServer(
    { ...(await serverOptions(settings)), ownToken },
    {
      log: deps.log,
      metrics: deps.metrics,
      health: deps.health.part('websocket'),
      history: createHistory(HISTORY_DEFAULTS, {
        read: (from) => readEntries(deps, from),
        bounds: () => deps.reader().bounds(),
        toItem,
      }),
      node: {
        hello: () => ({
          version: deps.version,
          bridgeId: settings.bridge_id,
          network: settings.network,
          clientName: settings.clientName,
          peerId: deps.ownPeerId(),
        }),
        teranodePing: () => teranodePing(Date.now(), ownDataHubUrl(settings)),
      },
    },
  )
  let ownClient: OwnClient | undefined
  let isStopped = false
  return {
    server,
    deliver: (entries, next) => server.publish(entries.map(toItem), next),
    async start() {
      await server.start()
      if (isStopped) return
      ownClient = createOwnClient(
        { url: ownUrl(settings, server.port()), token: ownToken, types: ['instance'] },
        { log: deps.log, onEvent: (id) => deps.pulse.passed('websocket', id) },
      )
      ownClient.start()
    },
    async stop() {
      isStopped = true
      await ownClient?.stop()
      await server.stop()
    },
  }
}

/** Where this process reaches its own listener: by the loopback interface, unless it listens on one address only. */
function ownUrl({ p2p_httpListenAddress: { host }, securityLevelHTTP }: Settings, port: number): string {
  const isAny = !host || host === '0.0.0.0' || host === '::'
  const name = isAny ? (host === '::' ? '::1' : '127.0.0.1') : host
  return `${securityLevelHTTP > 0 ? 'wss' : 'ws'}://${name.includes(':') ? `[${name}]` : name}:${port}/ws`
}

async function serverOptions(settings: Settings) {
  const { host, port } = settings.p2p_httpListenAddress
  const isIpv6 = host?.includes(':')
  return {
    listenAddress: `${isIpv6 ? `[${host}]` : (host ?? '')}:${port}`,
    tls: settings.securityLevelHTTP > 0 ? { certFile: settings.server_certFile, keyFile: settings.server_keyFile } : null,
    allowedOrigins: settings.ws_allowed_origins,
    types: EVENT_TYPES,
    defaultTypes: DEFAULT_EVENT_TYPES,
    pages: await loadPageFiles({ kindRows: KIND_ROWS }),
    limits: { ...WEBSOCKET_LIMITS, maxClients: settings.ws_max_clients, slowClientBytes: settings.ws_max_backpressure_bytes },
  }
}

/** Entries of the log from an offset on; what is no event is passed over, as the tail does. */
async function readEntries({ formats, reader }: BrowsersDeps, from: bigint): Promise<{ entries: EventEntry[]; next: bigint }> {
  // Small reads, because decoding one keeps everybody waiting.
  const { records, next } = await reader().read(from, { maxBytes: 128 * 1024 })
  const entries: EventEntry[] = []
  for (const record of records) {
    try {
      const event = formats.fromEventRecord(record)
      if (event) entries.push({ event, offset: record.offset, timestamp: record.timestamp })
    } catch {
      // Said once by the tail, which read this record too.
    }
  }
  return { entries, next }
}
