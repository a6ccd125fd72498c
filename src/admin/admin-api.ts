import type { Logger } from 'pino'
import type { ListenAddress } from '../addresses/host-port.ts'
import type { Clock } from '../lifecycle/clock.ts'
import type { PartHealth } from '../lifecycle/health.ts'
import { RareLog } from '../lifecycle/rare-log.ts'
import type { AdminMetrics } from '../telemetry/admin-metrics.ts'
import { AdminServer } from './admin-server.ts'
import { KeyGate } from './key-gate.ts'
import { openApiDocument } from './openapi.ts'
import type { AdminPorts } from './ports.ts'
import type { Route } from './route.ts'
import { BAN_ROUTES } from './routes/bans.ts'
import { PEER_ROUTES } from './routes/peers.ts'
import { SCORE_ROUTES } from './routes/scores.ts'
import { STATUS_ROUTES } from './routes/status.ts'

export interface AdminApiOptions {
  readonly address: ListenAddress
  /** `admin_api_key`; empty: nothing can be changed. */
  readonly key: string
  readonly version: string
}

export interface AdminApiDeps {
  readonly ports: AdminPorts
  readonly log: Logger
  readonly health: PartHealth
  readonly metrics: AdminMetrics
  readonly clock: Pick<Clock, 'steady'>
}

/** Every operation of the API. */
export const ADMIN_ROUTES: readonly Route[] = [...BAN_ROUTES, ...PEER_ROUTES, ...SCORE_ROUTES, ...STATUS_ROUTES]

export interface AdminApi {
  start(): Promise<void>
  port(): number
  stop(): Promise<void>
}

/** The HTTP admin API: its routes behind the key. */
export function createAdminApi({ address, key, version }: AdminApiOptions, deps: AdminApiDeps): AdminApi {
  const { ports, log, health, metrics, clock } = deps
  const refusals = new RareLog<string>(
    {},
    { say: (counts, from) => log.warn({ ...counts, from }, 'changes by HTTP were refused: no key, or a wrong one') },
  )
  const gate = new KeyGate(
    { key },
    {
      clock,
      onRefused(refusal, from) {
        metrics.refused.inc({ reason: refusal })
        refusals.count(refusal, from)
      },
    },
  )
  const onAnswer = (operation: string, status: number) => metrics.requests.inc({ operation: operation || 'none', status: `${status}` })
  const document = JSON.stringify(openApiDocument(ADMIN_ROUTES, version))
  const server = new AdminServer({ address }, { routes: ADMIN_ROUTES, ports, gate, log, health, document, onAnswer })
  return {
    start: () => server.start(),
    port: () => server.port(),
    async stop() {
      await server.stop()
      refusals.stop()
    },
  }
}
