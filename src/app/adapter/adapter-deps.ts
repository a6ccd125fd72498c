import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Health } from '../../lifecycle/health.ts'
import type { Stops } from '../../lifecycle/stops.ts'

export interface AdapterDeps {
  readonly log: Logger
  readonly registry: Registry
  readonly health: Health
  readonly stops: Stops
  readonly signal: AbortSignal
}
