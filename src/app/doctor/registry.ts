import type { Settings } from '../../config/settings.ts'
import { registeredRoles, topicNames } from '../../config/topic-names.ts'
import type { Probe } from '../../doctor/examine.ts'
import { judgeRegistry, judgeRegistryTrouble } from '../../doctor/services/registry.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import { readSchemas } from '../../messages/codec/schemas.ts'
import { createRegistryClient } from '../../registry/registry-client.ts'

const DEADLINE_MS = 15_000

/** None with the built-in registry, which is part of the bridge. */
export function registryProbes(settings: Settings): Probe[] {
  if (settings.schema_registry_url === '') return []
  const registered = registeredRoles(settings)
  const own = readSchemas().filter(({ role }) => registered.includes(role))
  const run = async () => {
    const client = createRegistryClient({ url: settings.schema_registry_url, topics: topicNames(settings) }, { clock: SYSTEM_CLOCK })
    try {
      return [judgeRegistry(await client.missing(own))]
    } catch (error) {
      return [judgeRegistryTrouble(error)]
    } finally {
      client.stop()
    }
  }
  return [{ area: 'registry', what: 'looking at the schema registry', deadlineMs: DEADLINE_MS, run }]
}
