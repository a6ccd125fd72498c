import type { Logger } from 'pino'
import type { Settings } from '../config/settings.ts'
import { topicNames } from '../config/topic-names.ts'
import { SYSTEM_CLOCK } from '../lifecycle/clock.ts'
import type { Health } from '../lifecycle/health.ts'
import type { Stops } from '../lifecycle/stops.ts'
import { readSchemas } from '../messages/codec/schemas.ts'
import { registerSchemas } from '../registry/register-schemas.ts'
import { createRegistryClient } from '../registry/registry-client.ts'
import type { WireFormatsDeps } from './wire-formats.ts'

export interface SchemasDeps {
  readonly log: Logger
  readonly health: Health
  readonly stops: Stops
  readonly signal: AbortSignal
}

/** The bridge's own schemas under their fixed ids, or under the ids of the registry at `schema_registry_url`. */
export async function loadSchemas(settings: Settings, { log, health, stops, signal }: SchemasDeps): Promise<WireFormatsDeps> {
  const own = readSchemas()
  if (!settings.schema_registry_url) return { schemas: own }
  const client = createRegistryClient(
    { url: settings.schema_registry_url, topics: topicNames(settings) },
    { clock: SYSTEM_CLOCK, onTrouble: (error) => log.debug({ err: error }, 'the schema registry could not be asked') },
  )
  stops.add('schema registry', () => client.stop())
  const schemas = await registerSchemas(own, { client, health: health.part('schema registry'), signal })
  return { schemas, lookup: client.lookup }
}
