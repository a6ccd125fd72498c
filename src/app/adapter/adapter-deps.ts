import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Health } from '../../lifecycle/health.ts'
import type { Stops } from '../../lifecycle/stops.ts'

/** What a part of the adapter uses of the process. */
export interface AdapterDeps {
  readonly log: Logger
  readonly registry: Registry
  readonly health: Health
  readonly stops: Stops
  readonly signal: AbortSignal
  /** Called with the name of a step of the start that takes long. */
  readonly onWaiting: (part: string) => void
}
