import { z } from 'zod'
import { adapterSettings } from './groups/adapter-settings.ts'
import { adminSettings } from './groups/admin-settings.ts'
import { banSettings } from './groups/ban-settings.ts'
import { bridgeSettings } from './groups/bridge-settings.ts'
import { browserSettings } from './groups/browser-settings.ts'
import { clientTokenSettings } from './groups/client-token-settings.ts'
import { gossipSettings, peerSettings } from './groups/gossip-settings.ts'
import { kafkaSettings } from './groups/kafka-settings.ts'
import { operationSettings } from './groups/operation-settings.ts'
import { topicSettings } from './groups/topic-settings.ts'
import type { Setting, SettingGroup } from './setting.ts'

const settings = {
  ...bridgeSettings.settings,
  ...kafkaSettings.settings,
  ...topicSettings.settings,
  ...peerSettings.settings,
  ...gossipSettings.settings,
  ...banSettings.settings,
  ...browserSettings.settings,
  ...clientTokenSettings.settings,
  ...adminSettings.settings,
  ...adapterSettings.settings,
  ...operationSettings.settings,
}

type Schemas = { [Name in keyof typeof settings]: (typeof settings)[Name]['schema'] }

/** The name of a setting, as in the file. */
export type SettingName = keyof typeof settings

/** The parsed value of every setting, before the defaults that depend on other settings are filled in. */
export type ParsedSettings = z.output<z.ZodObject<Schemas>>

/** All settings by name. Durations are milliseconds, sizes bytes, lists arrays; an empty text means not set. */
export type Settings = Omit<ParsedSettings, 'min_block_work' | 'require_block_header' | 'p2p_advertise_addresses'> & {
  /** Expected hashes. */
  min_block_work: bigint
  require_block_header: boolean
  /** `host:port` or multiaddresses. */
  p2p_advertise_addresses: string[]
}

/** The groups in the order of help and documentation. */
export const SETTING_GROUPS: readonly SettingGroup<Record<string, Setting>>[] = [
  bridgeSettings,
  kafkaSettings,
  topicSettings,
  peerSettings,
  gossipSettings,
  banSettings,
  browserSettings,
  clientTokenSettings,
  adminSettings,
  adapterSettings,
  operationSettings,
]

/** Every setting by its name. */
export const SETTINGS: Readonly<Record<SettingName, Setting>> = settings

/** The names in the order of the groups. */
export const SETTING_NAMES = Object.keys(settings) as SettingName[]

/** Parses all settings at once, so that all faults are found at once. */
export const settingsSchema = z.object(
  Object.fromEntries(Object.entries(settings).map(([name, { schema }]) => [name, schema])) as unknown as Schemas,
)
