import type { PartHealth } from '../lifecycle/health.ts'
import { sleep } from '../lifecycle/time.ts'
import type { SchemaVersion } from '../messages/codec/schemas.ts'
import { RetryLaterError } from '../messages/errors.ts'
import type { ValueRole } from '../messages/topics.ts'
import type { RegistryClient } from './registry-client.ts'

export interface RegisterSchemasDeps {
  readonly client: Pick<RegistryClient, 'register'>
  readonly health: PartHealth
  readonly signal: AbortSignal
  readonly retryMs?: number
}

export interface RegisterSchemasOptions {
  /** The roles whose schemas are registered; the others get the ids that the registry has for them, if any. */
  readonly roles: readonly ValueRole[]
}

/**
 * The schemas with the ids of the registry. Waits while the registry is unavailable, and reports that. Rejects when the registry
 * refuses a schema, or when the signal aborts.
 */
export async function registerSchemas(
  schemas: readonly SchemaVersion[],
  options: RegisterSchemasOptions,
  deps: RegisterSchemasDeps,
): Promise<SchemaVersion[]> {
  const { client, health, signal, retryMs = 2000 } = deps
  for (;;) {
    try {
      const registered = await client.register(schemas, options)
      health.ready()
      return registered
    } catch (error) {
      if (!(error instanceof RetryLaterError)) throw error
      health.notReady(error.message)
      await sleep(retryMs, signal)
      signal.throwIfAborted()
    }
  }
}
