import { formatHostPort } from '../../addresses/host-port.ts'
import { shownFault } from '../redact.ts'
import { environmentName, type RawValue } from '../setting.ts'
import { type ParsedSettings, SETTING_NAMES, SETTINGS, type SettingName, type Settings, settingsSchema } from '../settings.ts'
import { type Fault, SettingsError } from '../settings-error.ts'
import type { TeranodeSettings } from '../teranode/teranode-settings.ts'
import { type NearMiss, nearMisses } from './near-misses.ts'
import { brokenRules } from './rules.ts'
import { type Environment, serviceLinks, withoutServiceLinks } from './service-links.ts'
import { collect, type Found, type SettingSources, type SourcesDeps } from './sources.ts'

export interface ReadSettingsDeps extends SourcesDeps {
  /** A unique name for this process. */
  readonly generateId: () => string
}

/** The settings in effect, and the origin of each. */
export interface SettingsReading {
  readonly settings: Settings
  /** As written, for printing; see redact.ts. */
  readonly found: ReadonlyMap<SettingName, Found>
  /** Settings that are set although they have no effect yet. */
  readonly later: readonly SettingName[]
  /** Variables of the environment that look like settings, and are none. */
  readonly nearMisses: readonly NearMiss[]
  /** What is taken from the settings files of a Teranode, and what not. */
  readonly teranode: TeranodeSettings
  /** Variables that Kubernetes made of a service, and that have the name of a setting: they are not read. */
  readonly links: readonly string[]
}

const VARIABLES = new Set(SETTING_NAMES.map((name) => environmentName(name)))

function linksLikeSettings(environment: Environment): string[] {
  return serviceLinks(environment).filter((name) => VARIABLES.has(name))
}

/** Reads and checks flags, then environment, then file, then Teranode's files, then defaults. Throws one SettingsError with all faults. */
export function readSettings(sources: SettingSources, deps: ReadSettingsDeps): SettingsReading {
  const given = sources.environment ?? {}
  const environment = withoutServiceLinks(given)
  const collected = collect({ ...sources, environment }, deps)
  const found = new Map(SETTING_NAMES.map((name) => [name, effective(name, collected.found.get(name))]))
  const { parsed, faults } = understand(found)
  const unsound = new Set([...collected.faults, ...faults].flatMap((fault) => fault.settings))
  const broken = brokenRules(parsed).filter((fault) => !fault.settings.some((name) => unsound.has(name)))
  const all = [...collected.faults, ...faults, ...broken]
  if (all.length > 0) throw new SettingsError(all)
  const later = SETTING_NAMES.filter((name) => SETTINGS[name].status === 'later' && found.get(name)?.origin !== 'default')
  return {
    settings: complete(parsed, deps),
    found,
    later,
    nearMisses: nearMisses(environment),
    links: linksLikeSettings(given),
    teranode: collected.teranode,
  }
}

/** Compose files write "not set" as an empty value, also for kinds without one (a port, a time span): those get the default. */
function effective(name: SettingName, found: Found | undefined): Found {
  const { schema, default: fallback } = SETTINGS[name]
  const isUnset = found === undefined || (found.value === '' && !schema.safeParse('').success)
  return isUnset ? { value: fallback, origin: 'default' } : found
}

function understand(found: ReadonlyMap<SettingName, Found>): { parsed: ParsedSettings; faults: Fault[] } {
  const result = settingsSchema.safeParse(Object.fromEntries([...found].map(([name, { value }]) => [name, value])))
  if (result.success) return { parsed: result.data, faults: [] }
  const faults = result.error.issues.map((issue) => toFault(issue, found))
  const unsound = new Set(faults.flatMap((fault) => fault.settings))
  const sound = [...found].map(([name, { value }]) => [name, unsound.has(name) ? SETTINGS[name].default : value])
  return { parsed: settingsSchema.parse(Object.fromEntries(sound)), faults }
}

function toFault(issue: { path: PropertyKey[]; message: string }, found: ReadonlyMap<SettingName, Found>): Fault {
  const name = issue.path[0] as SettingName
  const { value, origin } = found.get(name) ?? { value: '', origin: 'default' }
  const index = issue.path[1]
  const entry = typeof index === 'number' ? entryAt(value, index) : undefined
  const shown = shownFault(SETTINGS[name], entry ?? value)
  return {
    settings: [name],
    message: `${name} ${entry === undefined ? 'is' : 'has an entry'} ${shown} (${origin}): should be ${issue.message}`,
  }
}

function entryAt(value: RawValue, index: number): string | undefined {
  const entries = typeof value === 'string' ? value.split(/[|,]/) : value
  return entries.map((entry) => entry.trim()).filter((entry) => entry !== '')[index]
}

/** Work of a header at the easiest target of each network; more where real blocks are known to be much harder. */
const LEAST_WORK: Record<ParsedSettings['network'], bigint> = {
  mainnet: 2n ** 64n,
  testnet: 4_295_032_833n,
  stn: 4_295_032_833n,
  teratestnet: 4_295_032_833n,
  tstn: 4_295_032_833n,
  regtest: 2n,
}

/** Nodes of the dialect `envelope` always send the header of a block; of the older ones, those of mainnet have been updated. */
function isHeaderUsual({ network, gossip_dialect: dialect }: ParsedSettings): boolean {
  return network === 'mainnet' || (dialect === 'envelope' && network !== 'regtest')
}

function complete(parsed: ParsedSettings, deps: ReadSettingsDeps): Settings {
  const bridge_id = parsed.bridge_id || parsed.clientName
  return {
    ...parsed,
    bridge_id,
    instance_id: parsed.instance_id || deps.generateId(),
    kafka_client_id: parsed.kafka_client_id || bridge_id,
    asset_httpPublicAddress: parsed.asset_httpPublicAddress || parsed.asset_httpAddress,
    min_block_work: parsed.min_block_work === '' ? LEAST_WORK[parsed.network] : BigInt(parsed.min_block_work),
    require_block_header: parsed.require_block_header === 'auto' ? isHeaderUsual(parsed) : parsed.require_block_header,
    p2p_advertise_addresses: parsed.p2p_advertise_addresses.map((address) =>
      typeof address === 'string' ? address : formatHostPort({ host: address.host, port: address.port ?? parsed.p2p_port }),
    ),
  }
}
