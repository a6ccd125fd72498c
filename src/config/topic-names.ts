import type { AnnouncementType } from '../messages/announcement.ts'
import type { Encoding } from '../messages/codec/codec.ts'
import { DIALECTS, type DialectName } from '../messages/dialects/dialects.ts'
import type { GossipKind } from '../messages/dialects/gossip-topics.ts'
import { byRole, TOPIC_ROLES, TOPICS, type TopicRole, VALUE_ROLES, type ValueRole } from '../messages/topics.ts'
import { GOSSIP_SUFFIX_SETTINGS, gossipTopicSettings } from './groups/gossip-topic-settings.ts'
import { ENCODING_SETTINGS, TOPIC_NAME_SETTINGS } from './groups/topic-settings.ts'
import type { ParsedSettings, Settings } from './settings.ts'

/** The full name of each topic: `topic_prefix`, the topic's own name and `topic_suffix`. */
export function topicNames(settings: TopicNaming): Readonly<Record<TopicRole, string>> {
  return byRole(TOPIC_ROLES, (role) => `${settings.topic_prefix}${settings[TOPIC_NAME_SETTINGS[role]]}${settings.topic_suffix}`)
}

/** The full name of each topic, with the setting that names it. */
export function namesBySetting(settings: TopicNaming): [setting: string, name: string][] {
  const names = topicNames(settings)
  return TOPIC_ROLES.map((role) => [TOPIC_NAME_SETTINGS[role], names[role]])
}

/** The settings that make the names of topics. */
export type TopicNaming = Pick<ParsedSettings, 'topic_prefix' | 'topic_suffix' | (typeof TOPIC_NAME_SETTINGS)[TopicRole]>

/** The encoding in which the values of each role are written. */
export function topicEncodings(settings: Settings): Readonly<Record<ValueRole, Encoding>> {
  return byRole(VALUE_ROLES, (role) => settings[ENCODING_SETTINGS[role]])
}

/**
 * The roles whose schemas a registry has: Teranode's Protobuf is bare, so a subject for a topic that the bridge writes in it would make
 * every Avro-aware tool fail. Others may write an in-topic in Avro whatever its setting says.
 */
export function registeredRoles(settings: Settings): readonly ValueRole[] {
  const encodings = topicEncodings(settings)
  return VALUE_ROLES.filter((role) => encodings[role] !== 'protobuf' || TOPICS[role].direction === 'in')
}

type GossipTopicSetting = keyof typeof gossipTopicSettings

/** Names of the settings for the gossip topics, without those that may be empty. */
export const GOSSIP_TOPIC_SETTINGS = Object.keys(gossipTopicSettings) as GossipTopicSetting[]

/** The settings for the topics that a dialect needs. */
export function neededTopicSettings(dialect: DialectName): GossipTopicSetting[] {
  const names = new Map<string, GossipTopicSetting>([...Object.entries(GOSSIP_SUFFIX_SETTINGS), ['handshake', 'p2p_handshake_topic']])
  return DIALECTS[dialect].kinds.flatMap((kind) => names.get(kind) ?? [])
}

/** The last part of the name of each gossip topic. */
export function gossipSuffixes(settings: Settings): Readonly<Record<GossipKind, string>> {
  const ofKinds = Object.entries(GOSSIP_SUFFIX_SETTINGS).map(([type, name]) => [type, settings[name]])
  return {
    ...(Object.fromEntries(ofKinds) as Record<AnnouncementType, string>),
    handshake: settings.p2p_handshake_topic,
    'best-block': settings.p2p_bestblock_topic,
  }
}

/** The same for kinds with a second topic. */
export function moreGossipSuffixes(settings: Settings): Readonly<Partial<Record<GossipKind, string>>> {
  return { 'rejected-tx': settings.p2p_rejected_tx_second_topic }
}
