import type { z } from 'zod'

/** A value of a flag, of the environment or of the file, before it is parsed. */
export type RawValue = string | string[]

/** One setting: all that parsing, help, docs/settings.md and redaction use. */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema
  readonly description: string
  /** As an operator would write it; empty when there is no default. */
  readonly default: string
  /** The value that stands in for an empty default, for the documentation only. */
  readonly derived?: string
  readonly example?: string
  /** `value`: never shown. `password`: a URL, of which only the credentials are hidden. */
  readonly secret?: 'value' | 'password'
  /** `later`: accepted and checked; no effect yet. */
  readonly status?: 'later'
  /** True for a setting that a running bridge takes over when SIGHUP makes it read the settings again. */
  readonly isReloaded?: true
}

/** A group of settings, under its title in help and documentation. */
export interface SettingGroup<Settings extends Record<string, Setting>> {
  readonly title: string
  readonly settings: Settings
}

/** Creates a setting; its type is the type of the schema. */
export function setting<Schema extends z.ZodType>(schema: Schema, about: Omit<Setting, 'schema'>): Setting<Schema> {
  return { schema, ...about }
}

/** `p2p_bootstrapAddresses` is `P2P_BOOTSTRAPADDRESSES` in the environment. */
export function environmentName(name: string): string {
  return name.toUpperCase()
}

/** `p2p_bootstrapAddresses` is `--p2p-bootstrap-addresses` on the command line. The flag of a secret takes the name of a file only. */
export function flagName(name: string, setting: Pick<Setting, 'secret'>): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll('_', '-')
  return setting.secret === undefined ? `--${words}` : `--${words}-file`
}
