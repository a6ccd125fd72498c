import type { z } from 'zod'

/** A value as it stands in a flag, the environment or the file, before it is understood. */
export type RawValue = string | string[]

/** What one setting is: everything that parsing, help, the README table and redaction know of it. */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema
  readonly description: string
  /** As an operator would write it; empty when nothing is set by default. */
  readonly default: string
  /** What the empty default turns into, for the documentation only. */
  readonly derived?: string
  readonly example?: string
  /** `value`: never shown. `password`: a URL of which only the credentials are hidden. */
  readonly secret?: 'value' | 'password'
  /** `later`: understood and validated, but nothing in this version acts on it. */
  readonly status?: 'later'
}

/** Settings that belong together, under the title that help and documentation give them. */
export interface SettingGroup<Settings extends Record<string, Setting>> {
  readonly title: string
  readonly settings: Settings
}

/** Ties a kind of value to its description; the schema's type becomes the type of the setting. */
export function setting<Schema extends z.ZodType>(schema: Schema, about: Omit<Setting, 'schema'>): Setting<Schema> {
  return { schema, ...about }
}

/** `p2p_bootstrapAddresses` is `P2P_BOOTSTRAPADDRESSES` in the environment. */
export function environmentName(name: string): string {
  return name.toUpperCase()
}

/** `p2p_bootstrapAddresses` is `--p2p-bootstrap-addresses` on the command line. A secret takes only the name of a file there. */
export function flagName(name: string, setting: Pick<Setting, 'secret'>): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll('_', '-')
  return setting.secret === undefined ? `--${words}` : `--${words}-file`
}
