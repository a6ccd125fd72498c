import type { Dialect, DialectFamily, DialectOptions } from './dialect.ts'
import { envelope } from './envelope/envelope-dialect.ts'
import { plain } from './plain.ts'

/** The dialects by the word of the setting `gossip_dialect`. */
export const DIALECTS = { plain, envelope } as const satisfies Record<string, DialectFamily>

export type DialectName = keyof typeof DIALECTS

/** The one place that chooses a dialect. */
export function createDialect(name: DialectName, options: DialectOptions): Dialect {
  return DIALECTS[name].create(options)
}
