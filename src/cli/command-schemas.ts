import { type CommandSchemas, schemasOfCommand } from '../app/schemas.ts'
import type { Settings } from '../config/settings.ts'
import type { ValueRole } from '../messages/topics.ts'
import { CommandError } from './context.ts'

/** The schemas with the ids that the bridge itself uses. Throws CommandError when the registry of `schema_registry_url` does not give them. */
export async function commandSchemas(
  settings: Settings,
  options: { readonly writes?: readonly ValueRole[] } = {},
): Promise<CommandSchemas> {
  try {
    return await schemasOfCommand(settings, options)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError(`The schemas cannot be had: ${reason}. Does schema_registry_url lead to the bridge's registry?`, { cause })
  }
}
