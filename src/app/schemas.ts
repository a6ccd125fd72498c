import type { Logger } from 'pino'
import type { Settings } from '../config/settings.ts'
import { registeredRoles, topicNames } from '../config/topic-names.ts'
import { SYSTEM_CLOCK } from '../lifecycle/clock.ts'
import type { Health } from '../lifecycle/health.ts'
import { RareLog } from '../lifecycle/rare-log.ts'
import type { Stops } from '../lifecycle/stops.ts'
import { readSchemas } from '../messages/codec/schemas.ts'
import type { ValueRole } from '../messages/topics.ts'
import { registerSchemas } from '../registry/register-schemas.ts'
import { createRegistryClient, type RegistryClient } from '../registry/registry-client.ts'
import { whenSchemaKnown } from '../registry/when-schema-known.ts'
import type { WireFormatsDeps } from './wire-formats.ts'

const TROUBLE_EACH_MS = 10_000

export interface SchemasDeps {
  readonly log: Logger
  readonly health: Health
  readonly stops: Stops
  readonly signal: AbortSignal
}

/** The bridge's own schemas under their fixed ids, or under the ids of the registry at `schema_registry_url`. */
export async function loadSchemas(settings: Settings, { log, health, stops, signal }: SchemasDeps): Promise<WireFormatsDeps> {
  const own = readSchemas()
  const trouble = new RareLog<unknown>(
    { everyMs: TROUBLE_EACH_MS },
    { say: (_, err) => log.warn({ err }, 'the schema registry does not say what a schema is: records written with it wait') },
  )
  const client = createClient(settings, (error) => trouble.count('lookup', error))
  if (!client) return { schemas: own }
  stops.add('schema registry', () => {
    client.stop()
    trouble.stop()
  })
  const schemas = await registerSchemas(
    own,
    { roles: registeredRoles(settings) },
    { client, health: health.part('schema registry'), signal },
  )
  return { schemas, lookup: client.lookup }
}

export interface CommandSchemas extends WireFormatsDeps {
  /** Decodes when the registry has said what the value's schema is. */
  whenKnown<T>(decode: () => T): Promise<T>
  /** Aborts all requests to the registry. */
  stop(): void
}

/**
 * The same for a command, which ends within moments: registers only the schemas of `writes`, and does not wait for a registry that is
 * away. Throws RetryLaterError or another Error that says what the registry did.
 */
export async function schemasOfCommand(
  settings: Settings,
  { writes = [] }: { writes?: readonly ValueRole[] } = {},
): Promise<CommandSchemas> {
  const own = readSchemas()
  const client = createClient(settings)
  const whenKnown: CommandSchemas['whenKnown'] = (decode) => whenSchemaKnown(decode, { clock: SYSTEM_CLOCK })
  if (!client) return { schemas: own, whenKnown, stop: () => {} }
  try {
    const schemas = await client.register(own, { roles: writes })
    return { schemas, lookup: client.lookup, whenKnown, stop: () => client.stop() }
  } catch (error) {
    client.stop()
    throw error
  }
}

function createClient(settings: Settings, onTrouble?: (error: unknown) => void): RegistryClient | undefined {
  const { schema_registry_url: url } = settings
  if (url === '') return undefined
  return createRegistryClient({ url, topics: topicNames(settings) }, { clock: SYSTEM_CLOCK, ...(onTrouble && { onTrouble }) })
}
