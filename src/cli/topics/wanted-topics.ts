import type { Settings } from '../../config/settings.ts'
import { topicNames } from '../../config/topic-names.ts'
import type { WantedTopic } from '../../kafka/admin/topic-spec.ts'
import { TOPIC_ROLES, type TopicRole } from '../../messages/topic-values.ts'

/** A topic as the settings want it, and what it is for. */
export interface RoleTopic extends WantedTopic {
  readonly role: TopicRole
}

/** One order for all that is in them, or one current state: with more partitions these would not be what they are. */
const ONE_PARTITION: readonly TopicRole[] = ['events', 'banCommands', 'bans']

/** All topics of the bridge, as `topics create` makes those that are missing and `topics check` compares those that are there. */
export function wantedTopics(settings: Settings): RoleTopic[] {
  const names = topicNames(settings)
  return TOPIC_ROLES.map((role) => ({
    role,
    name: names[role],
    partitions: ONE_PARTITION.includes(role) ? 1 : settings.kafka_partitions,
    isPartitionCountFixed: ONE_PARTITION.includes(role),
    replication: settings.kafka_replication_factor,
    config: topicConfig(role, settings),
  }))
}

function topicConfig(role: TopicRole, settings: Settings): Record<string, string> {
  if (role === 'bans') return { 'cleanup.policy': 'compact' }
  return {
    'cleanup.policy': 'delete',
    'retention.ms': String(retentionMs(role, settings)),
    // The broker's clock, because readers agree on what is a repeat by the times in the log.
    ...(role === 'events' ? { 'message.timestamp.type': 'LogAppendTime' } : {}),
  }
}

function retentionMs(role: TopicRole, settings: Settings): number {
  if (role === 'events') return settings.kafka_retention_events
  return role === 'deadLetters' ? settings.kafka_retention_dead_letters : settings.kafka_retention
}
