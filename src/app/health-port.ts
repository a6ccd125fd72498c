import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Settings } from '../config/settings.ts'
import { registeredRoles, topicNames } from '../config/topic-names.ts'
import { createHealthServer, type HealthServer } from '../health/health-server.ts'
import { createSchemaRegistry } from '../health/schema-registry.ts'
import type { Health } from '../lifecycle/health.ts'
import { readSchemas } from '../messages/codec/schemas.ts'

export interface HealthPortDeps {
  readonly log: Logger
  readonly registry: Registry
  readonly health: Health
}

/**
 * Health, metrics, and the schemas of the topics for Avro-aware Kafka tools, on one read-only port. If an external
 * registry is set, that registry assigns the ids and this port serves no schemas.
 */
export function createHealthPort(settings: Settings, deps: HealthPortDeps): HealthServer {
  const options = { address: settings.healthListenAddress, settingName: 'healthListenAddress' }
  if (settings.schema_registry_url) return createHealthServer(options, deps)
  const registry = createSchemaRegistry(
    { prefix: '', topics: topicNames(settings), roles: registeredRoles(settings) },
    { schemas: readSchemas() },
  )
  return createHealthServer(options, { ...deps, mounts: { '/schema-registry': registry } })
}
