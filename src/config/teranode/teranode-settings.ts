import type { SettingName } from '../settings.ts'
import type { Fault } from '../settings-error.ts'
import { type ConfFile, readConfFiles } from './conf-file.ts'
import { type ConfValue, ConfValues } from './conf-values.ts'
import { OF_OLD_NODES, OTHER_NAMES, SAME_NAMES, SHIPPED_API_KEY, TOPIC_URLS } from './known-keys.ts'
import { topicsOfUrls } from './topics-of-urls.ts'

/** The settings files of a Teranode, later ones override earlier ones. */
export interface TeranodeFiles {
  readonly files: readonly ConfFile[]
  /** `SETTINGS_CONTEXT`; Teranode's default is `dev`. */
  readonly context: string
  /** `SETTINGS_APPLICATION`, as the node's P2P service had it. */
  readonly application?: string | undefined
}

export interface TeranodeSettingsDeps {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Whether the network's nodes speak the dialect `envelope`. */
  readonly isEnvelope: boolean
}

export interface TeranodeSettings {
  readonly found: Map<SettingName, { readonly value: string; readonly origin: string }>
  readonly faults: Fault[]
  /** Sentences about values that were changed or left out. */
  readonly remarks: string[]
  /** Keys of the files that say nothing to the bridge, without their contexts. */
  readonly ignored: string[]
}

/** The settings of the bridge that the files of a Teranode beside it have already. */
export function readTeranodeSettings({ files, context, application }: TeranodeFiles, deps: TeranodeSettingsDeps): TeranodeSettings {
  const entries = readConfFiles(files)
  const values = new ConfValues({ context, application }, { entries, environment: deps.environment })
  const read: TeranodeSettings = { found: new Map(), faults: [], remarks: [], ignored: ignoredKeys([...entries.keys()]) }
  const take = (name: SettingName, value: string, origin: string) => void read.found.set(name, { value, origin })
  for (const [key, name] of [...SAME_NAMES.map((name) => [name, name] as const), ...OTHER_NAMES]) {
    const value = values.get(key)
    if (value?.text === undefined && value) read.faults.push({ settings: [name], message: `${value.origin}: ${value.fault}` })
    else if (value && value.text !== '' && isWanted(name, value, deps, read.remarks)) take(name, value.text, value.origin)
  }
  const level = values.get('logLevel')
  if (level?.text) take('log_level', level.text.toLowerCase(), level.origin)
  if (/^true$/i.test(values.get('KAFKA_TLS_SKIP_VERIFY')?.text ?? ''))
    read.remarks.push(
      'KAFKA_TLS_SKIP_VERIFY is not taken over: the bridge always verifies the brokers; kafka_ssl_ca_file names their authority',
    )
  read.faults.push(...topicsOfUrls(values, take))
  nameBridge(read, take)
  return read
}

function isWanted(name: SettingName, { text, origin }: ConfValue, { isEnvelope }: TeranodeSettingsDeps, remarks: string[]): boolean {
  if (isEnvelope && OF_OLD_NODES.includes(name)) {
    remarks.push(`${name} is not taken over (${origin}): nodes of the dialect envelope do not read it`)
    return false
  }
  if (name === 'grpc_admin_api_key' && text === SHIPPED_API_KEY) {
    remarks.push(`${name} is not taken over (${origin}): it is the key that Teranode ships, which everybody knows`)
    return false
  }
  return true
}

/** A name of a node may be any text, that of a bridge is part of the names of groups. */
function nameBridge({ found, remarks }: TeranodeSettings, take: (name: SettingName, value: string, origin: string) => void): void {
  const client = found.get('clientName')
  if (!client || /^[A-Za-z0-9._-]{1,100}$/.test(client.value)) return
  const id = client.value
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 100)
  if (id === '') return // the rule of bridge_id says what to do
  take('bridge_id', id, `${client.origin}, made from clientName`)
  remarks.push(`bridge_id is ${JSON.stringify(id)}, made from clientName, which has characters that a bridge_id cannot have`)
}

const KNOWN = new Set<string>([
  ...SAME_NAMES,
  ...OTHER_NAMES.map(([key]) => key),
  ...Object.keys(TOPIC_URLS),
  'kafka_blocksFinalConfig',
  'logLevel',
  'KAFKA_TLS_SKIP_VERIFY',
])

function ignoredKeys(keys: readonly string[]): string[] {
  const names = keys.map((key) => key.split('.')[0] ?? key)
  return [...new Set(names)].filter((name) => !KNOWN.has(name)).sort()
}
