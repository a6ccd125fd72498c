import type { ConfEntry } from './conf-file.ts'

export interface ConfValuesOptions {
  /** `SETTINGS_CONTEXT`, such as `docker.m`. */
  readonly context: string
  /** `SETTINGS_APPLICATION`: its keys (`key.docker.m.p2p`) come before those of the same context without it. */
  readonly application?: string | undefined
}

export interface ConfValuesDeps {
  readonly entries: ReadonlyMap<string, ConfEntry>
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** The value of a key in the context, with its place; or why there is none to use. The fault never repeats the value. */
export type ConfValue =
  | { readonly text: string; readonly origin: string; readonly fault?: undefined }
  | { readonly fault: string; readonly origin: string; readonly text?: undefined }

/** Upper bound on names within names: more of them refer to themselves. */
const MAX_DEPTH = 20
const MAX_LENGTH = 100_000
/** Teranode's marker of an encrypted value. */
const ENCRYPTED = '*EHE*'

/**
 * Looks keys up as Teranode does: the environment under the same name first, then the files, the most specific context first
 * (`key.docker.m`, `key.docker`, `key`). `${name}` within a value is replaced by the value of that key.
 */
export class ConfValues {
  readonly #context: string
  readonly #application: string | undefined
  readonly #deps: ConfValuesDeps

  constructor({ context, application }: ConfValuesOptions, deps: ConfValuesDeps) {
    this.#context = context
    this.#application = application
    this.#deps = deps
  }

  /** Undefined for a key that is set nowhere. */
  get(key: string): ConfValue | undefined {
    const found = this.#raw(key)
    if (!found) return undefined
    const { origin } = found
    const expanded = this.#expand(found.text, key, 0)
    if ('fault' in expanded) return { origin, fault: expanded.fault }
    if (expanded.text.includes(ENCRYPTED))
      return { origin, fault: `${key} is encrypted by Teranode's own means: set it for the bridge itself` }
    return { origin, text: expanded.text }
  }

  #raw(key: string): { text: string; origin: string } | undefined {
    const ofEnvironment = this.#deps.environment[key]
    if (ofEnvironment !== undefined) return { text: ofEnvironment, origin: `environment ${key}` }
    const contexts = this.#context === '' ? [] : this.#context.split('.')
    for (let length = contexts.length; length >= 0; length--) {
      const inContext = [key, ...contexts.slice(0, length)].join('.')
      const ofApplication = this.#application ? this.#deps.entries.get(`${inContext}.${this.#application}`) : undefined
      const entry = ofApplication ?? this.#deps.entries.get(inContext)
      if (entry) return { text: entry.text, origin: `${entry.place} (${entry.key})` }
    }
    return undefined
  }

  #expand(text: string, key: string, depth: number): { text: string } | { fault: string } {
    if (depth > MAX_DEPTH || text.length > MAX_LENGTH) return { fault: `${key} refers to itself by way of \${...}` }
    let fault: string | undefined
    const expanded = text.replace(/\$\{(.*?)\}/g, (_whole, name: string) => {
      const found = this.#raw(name)
      const inner = found && fault === undefined ? this.#expand(found.text, key, depth + 1) : undefined
      if (inner && 'text' in inner) return inner.text
      fault ??= inner?.fault ?? `${key} refers to ${quotedName(name)}, which is set neither in the files nor in the environment`
      return ''
    })
    if (fault !== undefined) return { fault }
    return expanded.length > MAX_LENGTH ? { fault: `${key} is too long` } : { text: expanded }
  }
}

/** A name is no secret, unless it is none. */
function quotedName(name: string): string {
  return /^\w{1,80}$/.test(name) ? `\${${name}}` : 'something that is no name'
}
