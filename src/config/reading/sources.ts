import { closest, distance } from 'fastest-levenshtein'
import { parse } from 'yaml'
import { environmentName, flagName, type RawValue } from '../setting.ts'
import { SETTING_NAMES, SETTINGS, type SettingName } from '../settings.ts'
import type { Fault } from '../settings-error.ts'
import { readTeranodeSettings, type TeranodeFiles, type TeranodeSettings } from '../teranode/teranode-settings.ts'

/** The sources of settings, besides their defaults. */
export interface SettingSources {
  /** By setting name; the flag of a secret names a file, under `<name>_file`. */
  readonly flags?: Readonly<Record<string, RawValue>>
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly file?: { readonly path: string; readonly text: string }
  /** The settings files of the Teranode beside the bridge, below its own file. */
  readonly teranode?: TeranodeFiles
}

export interface SourcesDeps {
  readonly readFile: (path: string) => string
}

/** A value and, in words, its source. */
export interface Found {
  readonly value: RawValue
  readonly origin: string
}

interface Layer {
  readonly found: Map<SettingName, Found>
  readonly faults: Fault[]
}

/** The values from flags, environment, file and Teranode's files; the first source that sets a value wins. */
export function collect(sources: SettingSources, deps: SourcesDeps): Layer & { teranode: TeranodeSettings } {
  const layers = [fileLayer(sources, deps), environmentLayer(sources, deps), flagLayer(sources, deps)]
  const own = new Map(layers.flatMap(({ found }) => [...found]))
  const teranode = teranodeLayer(sources, own)
  return {
    found: new Map([...teranode.found, ...own]),
    faults: [...teranode.faults, ...layers.flatMap(({ faults }) => faults)],
    teranode,
  }
}

/** Faults in values that an own setting overrides do not count. */
function teranodeLayer({ teranode, environment = {} }: SettingSources, own: Layer['found']): TeranodeSettings {
  if (!teranode) return { found: new Map(), faults: [], remarks: [], ignored: [] }
  const isEnvelope = own.get('gossip_dialect')?.value === 'envelope'
  const read = readTeranodeSettings(teranode, { environment, isEnvelope })
  return { ...read, faults: read.faults.filter(({ settings }) => !settings.some((name) => own.has(name as SettingName))) }
}

function flagLayer({ flags = {} }: SettingSources, deps: SourcesDeps): Layer {
  return layer(deps, (name) => {
    const isSecret = SETTINGS[name].secret !== undefined
    const origin = flagName(name, SETTINGS[name])
    return {
      direct: [{ value: isSecret ? undefined : flags[name], origin }],
      file: { value: isSecret ? flags[`${name}_file`] : undefined, origin },
    }
  })
}

function environmentLayer({ environment = {} }: SettingSources, deps: SourcesDeps): Layer {
  return layer(deps, (name) => {
    const spellings = [...new Set([environmentName(name), name])].filter((spelling) => environment[spelling] !== undefined)
    const [fileVariable] = [`${environmentName(name)}_FILE`, `${name}_FILE`].filter((spelling) => environment[spelling] !== undefined)
    return {
      direct: spellings.map((spelling) => ({ value: environment[spelling], origin: `environment ${spelling}` })),
      file: { value: fileVariable && environment[fileVariable], origin: `environment ${fileVariable}` },
    }
  })
}

function fileLayer({ file }: SettingSources, deps: SourcesDeps): Layer {
  if (!file) return { found: new Map(), faults: [] }
  const entries = parseFile(file)
  if (typeof entries === 'string') return { found: new Map(), faults: [{ settings: [], message: entries }] }
  const known = layer(deps, (name) => ({
    direct: [{ value: entries.get(name), origin: `file ${file.path}` }],
    file: { value: entries.get(`${name}_file`), origin: `file ${file.path}` },
  }))
  const unknown = [...entries.keys()].filter((key) => !isKnownKey(key)).map((key) => unknownSetting(key, file.path))
  return { found: known.found, faults: [...unknown, ...known.faults] }
}

type Candidate = { readonly value: RawValue | undefined; readonly origin: string }

function layer(deps: SourcesDeps, look: (name: SettingName) => { direct: Candidate[]; file: Candidate }): Layer {
  const result: Layer = { found: new Map(), faults: [] }
  for (const name of SETTING_NAMES) {
    const { direct, file } = look(name)
    const candidates: Found[] = direct.flatMap(({ value, origin }) => (value === undefined ? [] : [{ value, origin }]))
    if (SETTINGS[name].secret !== undefined && typeof file.value === 'string' && file.value !== '') {
      const text = readSecret(file.value, deps)
      if (text === undefined)
        result.faults.push({
          settings: [name],
          // The name is not repeated: it may be the secret itself, set in the wrong place.
          message: `${name} cannot be read from the file that is named by ${file.origin}: it should exist and be readable`,
        })
      else candidates.push({ value: text, origin: `${file.origin}, file ${file.value}` })
    }
    const [first, second] = candidates
    if (first) result.found.set(name, first)
    if (first && second && String(first.value) !== String(second.value)) {
      result.faults.push({
        settings: [name],
        message: `${name} is set twice, differently (${first.origin}; ${second.origin}): it should be set once`,
      })
    }
  }
  return result
}

function readSecret(path: string, deps: SourcesDeps): string | undefined {
  try {
    return deps.readFile(path).trim()
  } catch {
    return undefined // the fault names the file
  }
}

/** The `failsafe` schema keeps every scalar as text: a shared key of 64 digits must not become a number. */
function parseFile({ path, text }: { path: string; text: string }): Map<string, RawValue> | string {
  let content: unknown
  try {
    content = parse(text, { schema: 'failsafe', uniqueKeys: true })
  } catch (error) {
    return `The file ${path} is no YAML: ${error instanceof Error ? error.message.split('\n')[0] : error}`
  }
  if (content === null || content === '') return new Map()
  if (typeof content !== 'object' || Array.isArray(content)) return `The file ${path} should be a map of settings, such as "p2p_port: 9905"`
  const entries = Object.entries(content)
  const nested = entries.find(([, value]) => !isRawValue(value))
  return nested
    ? `${nested[0]} in the file ${path} is nested: it should be one value or a list of values`
    : new Map(entries as [string, RawValue][])
}

function isRawValue(value: unknown): value is RawValue {
  return typeof value === 'string' || (Array.isArray(value) && value.every((entry) => typeof entry === 'string'))
}

function isKnownKey(key: string): boolean {
  if (Object.hasOwn(SETTINGS, key)) return true
  const secret = key.endsWith('_file') ? key.slice(0, -'_file'.length) : ''
  return Object.hasOwn(SETTINGS, secret) && SETTINGS[secret as SettingName].secret !== undefined
}

function unknownSetting(key: string, path: string): Fault {
  const nearest = closest(
    key.toLowerCase(),
    SETTING_NAMES.map((name) => name.toLowerCase()),
  )
  const name = SETTING_NAMES.find((candidate) => candidate.toLowerCase() === nearest)
  const isNear = distance(key.toLowerCase(), nearest) <= Math.max(2, key.length / 3)
  const advice = isNear ? `did you mean ${name}?` : '`gossip-bridge config doc` lists all settings'
  return { settings: [], message: `${JSON.stringify(key)} in the file ${path} is no setting: ${advice}` }
}
