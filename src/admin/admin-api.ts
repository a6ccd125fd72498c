import type { Logger } from 'pino'
import type { ListenAddress } from '../addresses/host-port.ts'
import type { PartHealth } from '../lifecycle/health.ts'
import type { AdminMetrics } from '../telemetry/admin-metrics.ts'
import { AdminServer } from './admin-server.ts'
import type { KeyGate } from './key-gate.ts'
import { openApiDocument } from './openapi.ts'
import type { AdminPorts } from './ports.ts'
import type { Route } from './route.ts'
import { BAN_ROUTES } from './routes/bans.ts'
import { PEER_ROUTES } from './routes/peers.ts'
import { SCORE_ROUTES } from './routes/scores.ts'
import { STATUS_ROUTES } from './routes/status.ts'

export interface AdminApiOptions {
  readonly address: ListenAddress
  readonly version: string
}

export interface AdminApiDeps {
  readonly ports: AdminPorts
  readonly log: Logger
  readonly health: PartHealth
  readonly metrics: Pick<AdminMetrics, 'requests'>
  readonly gate: KeyGate
}

/** Every operation of the API. */
export const ADMIN_ROUTES: readonly Route[] = [...BAN_ROUTES, ...PEER_ROUTES, ...SCORE_ROUTES, ...STATUS_ROUTES]

export interface AdminApi {
  start(): Promise<void>
  port(): number
  stop(): Promise<void>
}

/** The HTTP admin API: its routes behind the key. */
export function createAdminApi({ address, version }: AdminApiOptions, { metrics, ...deps }: AdminApiDeps): AdminApi {
  const document = JSON.stringify(openApiDocument(ADMIN_ROUTES, version))
  return new AdminServer({ address }, { ...deps, routes: ADMIN_ROUTES, document, onAnswer: countAnswers(metrics) })
}

/** Counts the answers by operation; `none` where no route was found or let through. */
export function countAnswers({ requests }: Pick<AdminMetrics, 'requests'>): (operation: string, status: number) => void {
  return (operation, status) => requests.inc({ operation: operation || 'none', status: `${status}` })
}
