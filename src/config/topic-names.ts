import type { TopicRole, ValueRole } from '../messages/topic-values.ts'
import type { Settings } from './settings.ts'

/** The full name of each topic: the prefix of this bridge and the topic's own name. */
export function topicNames(settings: Settings): Readonly<Record<TopicRole, string>> {
  const named = (name: string) => `${settings.topic_prefix}${name}`
  return {
    notifications: named(settings.kafka_topic_notifications),
    rejectedTx: named(settings.kafka_topic_rejected_tx),
    invalidBlocks: named(settings.kafka_topic_invalid_blocks),
    invalidSubtrees: named(settings.kafka_topic_invalid_subtrees),
    banCommands: named(settings.kafka_topic_ban_commands),
    events: named(settings.kafka_topic_events),
    blocks: named(settings.kafka_topic_blocks),
    subtrees: named(settings.kafka_topic_subtrees),
    bans: named(settings.kafka_topic_bans),
    deadLetters: named(settings.kafka_topic_dead_letters),
  }
}

/** How the values of each role are written. */
export function topicEncodings(settings: Settings): Readonly<Record<ValueRole, 'avro' | 'json'>> {
  return {
    notifications: settings.encoding_notifications,
    rejectedTx: settings.encoding_rejected_tx,
    invalidBlocks: settings.encoding_invalid_blocks,
    invalidSubtrees: settings.encoding_invalid_subtrees,
    banCommands: settings.encoding_ban_commands,
    events: settings.encoding_events,
    blocks: settings.encoding_blocks,
    subtrees: settings.encoding_subtrees,
    bans: settings.encoding_bans,
  }
}
