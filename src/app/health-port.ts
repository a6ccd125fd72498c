import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { createHealthServer, type HealthServer } from '../admin/health-server.ts'
import { createSchemaRegistry } from '../admin/schema-registry.ts'
import type { Settings } from '../config/settings.ts'
import type { Health } from '../lifecycle/health.ts'
import type { SchemaVersion } from '../messages/schemas.ts'
import type { WireFormats } from './wire-formats.ts'

export interface HealthPortDeps {
  readonly formats: WireFormats
  readonly schemas: readonly SchemaVersion[]
  readonly log: Logger
  readonly registry: Registry
  readonly health: Health
}

/** Health, metrics, and the schemas of the topics for Avro-aware Kafka tools, on one read-only port. */
export function createHealthPort(settings: Settings, { formats, schemas, ...deps }: HealthPortDeps): HealthServer {
  const registry = createSchemaRegistry({ prefix: '', topics: formats.topics }, { schemas })
  return createHealthServer(
    { address: settings.healthListenAddress, settingName: 'healthListenAddress' },
    { ...deps, mounts: { '/schema-registry': registry } },
  )
}
