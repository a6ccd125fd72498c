import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { formatHostPort } from '../addresses/host-port.ts'
import type { Settings } from '../config/settings.ts'
import { loadPageFiles } from '../dashboard/page-files.ts'
import { formatCursor } from '../events/entries/cursor.ts'
import { DEFAULT_EVENT_TYPES, EVENT_TYPES } from '../events/entries/event-kinds.ts'
import { eventDataSchemas } from '../events/entries/event-schemas.ts'
import type { LogEvent } from '../events/event.ts'
import type { EventLogView } from '../events/event-log-view.ts'
import { createHistory, HISTORY_DEFAULTS } from '../events/history/history.ts'
import type { Pulse } from '../events/instances/pulse.ts'
import { LatestOwnStatus } from '../events/reading/own-status.ts'
import { logToBrowsers } from '../flows/log-to-browsers.ts'
import { SYSTEM_CLOCK } from '../lifecycle/clock.ts'
import type { Health } from '../lifecycle/health.ts'
import { kindRows } from '../messages/page-rows.ts'
import type { WebSocketMetrics } from '../telemetry/websocket-metrics.ts'
import { createOwnClient } from '../websocket/clients/own-client.ts'
import { type OwnListener, ownUrl } from '../websocket/clients/own-url.ts'
import { unsentBytes, WEBSOCKET_LIMITS } from '../websocket/limits.ts'
import { asyncApiDocument } from '../websocket/schemas/async-api.ts'
import { createWebSocketServer } from '../websocket/server.ts'
import type { TokenGateOptions } from '../websocket/tokens/token-gate.ts'
import type { AdminDesk } from './admin/admin-desk.ts'
import { ownDataHubUrl, type WireFormats } from './wire-formats.ts'

export interface BrowsersDeps {
  /** The settings in effect now. */
  readonly current: () => Settings
  readonly formats: WireFormats
  readonly version: string
  readonly view: EventLogView
  readonly log: Logger
  readonly health: Health
  readonly metrics: WebSocketMetrics
  readonly pulse: Pulse
  readonly desk: Pick<AdminDesk, 'board' | 'door'>
}

export interface Browsers {
  start(): Promise<void>
  /** The settings have been read again: takes over a new certificate. */
  reload(): void
  stop(): Promise<void>
}

/** The WebSocket server. The event log is its feed and its history. */
export async function createBrowsers(settings: Settings, deps: BrowsersDeps): Promise<Browsers> {
  const { view, formats } = deps
  const { dialect } = formats
  const teranodeNotification = (event: LogEvent) => {
    if (event.type === 'sync' || event.type === 'ban' || event.type === 'instance') return null
    return dialect.notification(event, view.ownPeerId() ?? '')
  }
  const toItem = logToBrowsers({ formatCursor, teranodeNotification })
  const ownStatus = new LatestOwnStatus({ bridgeId: settings.bridge_id })
  ownStatus.follow(view)
  const history = createHistory(HISTORY_DEFAULTS, {
    reads: view.reads,
    latest: view.latest,
    passed: (offset) => view.passed(offset),
    toItem,
    // The frame as text, and as bytes once it is sent.
    bytesOf: ({ frame, teranode }) => 2 * frame.length + (teranode?.length ?? 0),
  })
  const ownToken = randomUUID()
  const server = createWebSocketServer(
    { ...(await serverOptions(settings, deps)), ownToken },
    {
      log: deps.log,
      metrics: deps.metrics,
      health: deps.health.part('websocket'),
      history,
      clock: SYSTEM_CLOCK,
      door: deps.desk.door,
      node: {
        hello: () => ({
          version: deps.version,
          instance: settings.instance_id,
          bridgeId: settings.bridge_id,
          network: settings.network,
          clientName: settings.clientName,
          peerId: view.ownPeerId(),
        }),
        teranodeGreeting: () => {
          const status = ownStatus.current()
          return status ? teranodeNotification(status) : null
        },
        teranodePing: () => dialect.ping(SYSTEM_CLOCK.wall(), ownDataHubUrl(settings)),
      },
    },
  )
  deps.desk.board.provide({ browsers: () => ({ clients: server.clientCount(), recentEvents: server.recentCount() }) })
  const ownClient = createOwnClient(
    { url: () => ownUrl(ownListener(settings, server.port())), token: ownToken, types: ['instance'] },
    { log: deps.log, onEvent: (id) => deps.pulse.passed('websocket', id) },
  )
  // Awaited by the tail: that is the back-pressure.
  view.subscribe({
    onEntries({ entries, next, isReadBack }) {
      const last = entries.at(-1)
      if (isReadBack && last) server.startAfter(formatCursor(last.offset, last.event.id))
      return isReadBack ? undefined : server.publish(entries.map(toItem), next)
    },
    onPosition: (next) => server.publish([], next),
    onGap: (gap) => {
      history.forget()
      return server.gap(gap)
    },
  })
  return {
    async start() {
      await server.start()
      ownClient.start()
    },
    reload: () => void server.renewCertificate(),
    async stop() {
      await ownClient.stop()
      await server.stop()
    },
  }
}

function ownListener({ p2p_httpListenAddress: { host }, securityLevelHTTP }: Settings, port: number): OwnListener {
  return { host, port, isTls: securityLevelHTTP > 0 }
}

function authOf(settings: Settings, current: () => Settings): { auth?: TokenGateOptions } {
  const { ws_auth, ws_auth_jwks_file, ws_auth_issuer, ws_auth_audience, ws_auth_algorithms } = settings
  if (ws_auth === 'none') return {}
  if (ws_auth === 'static') {
    const auth = {
      kind: ws_auth,
      get token() {
        return current().ws_auth_token
      },
    }
    return { auth }
  }
  return {
    auth: {
      kind: ws_auth,
      keysFile: ws_auth_jwks_file,
      issuer: ws_auth_issuer,
      audience: ws_auth_audience,
      algorithms: ws_auth_algorithms,
    },
  }
}

function streamDocument(settings: Settings, { formats, version }: Pick<BrowsersDeps, 'formats' | 'version'>) {
  return asyncApiDocument({
    version,
    types: EVENT_TYPES,
    maxLast: WEBSOCKET_LIMITS.maxLast,
    eventData: eventDataSchemas(formats.eventSchema),
    host: formatHostPort(settings.p2p_httpAddress),
    isTls: settings.securityLevelHTTP > 0,
  })
}

async function serverOptions(settings: Settings, { current, formats, version }: Pick<BrowsersDeps, 'current' | 'formats' | 'version'>) {
  return {
    ...authOf(settings, current),
    listenAddress: settings.p2p_httpListenAddress,
    tls: settings.securityLevelHTTP > 0 ? { certFile: settings.server_certFile, keyFile: settings.server_keyFile } : null,
    publicAddress: settings.p2p_httpAddress,
    allowedOrigins: settings.ws_allowed_origins,
    trustedProxies: settings.trusted_proxies,
    compression: settings.ws_compression,
    types: EVENT_TYPES,
    defaultTypes: DEFAULT_EVENT_TYPES,
    pages: await loadPageFiles({
      kindRows: kindRows(formats.gossipTopics),
      explorerUrl: settings.dashboard_explorer_url,
      documents: { '/asyncapi.json': streamDocument(settings, { formats, version }) },
    }),
    limits: {
      ...WEBSOCKET_LIMITS,
      slowClientBytes: settings.ws_max_backpressure_bytes,
      maxUnsentBytes: unsentBytes(settings.ws_max_unsent_bytes, process.constrainedMemory()),
      get maxClients() {
        return current().ws_max_clients
      },
      get maxClientsPerAddress() {
        return current().ws_max_clients_per_address
      },
      get upgradesPerSecond() {
        return current().ws_upgrades_per_second
      },
    },
  }
}
