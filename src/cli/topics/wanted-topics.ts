import type { Settings } from '../../config/settings.ts'
import { topicNames } from '../../config/topic-names.ts'
import type { WantedTopic } from '../../kafka/admin/topic-spec.ts'
import { TOPIC_ROLES, TOPICS, type Topic, type TopicRole } from '../../messages/topics.ts'

/** A topic as the settings require it, and its role. */
export interface RoleTopic extends WantedTopic {
  readonly role: TopicRole
}

/** All topics of the bridge: `topics create` creates the missing ones, `topics check` compares the existing ones. */
export function wantedTopics(settings: Settings): RoleTopic[] {
  const names = topicNames(settings)
  const single = new Map(settings.kafka_new_topics.map((topic) => [topic.role, topic]))
  return TOPIC_ROLES.map((role) => {
    const isSingle = TOPICS[role].partitions === 'one'
    return {
      role,
      name: names[role],
      partitions: isSingle ? 1 : (single.get(role)?.partitions ?? settings.kafka_partitions),
      isPartitionCountFixed: isSingle,
      replication: settings.kafka_replication_factor,
      config: topicConfig(TOPICS[role].keeps, settings, single.get(role)?.retentionMs),
    }
  })
}

function topicConfig(keeps: Topic['keeps'], settings: Settings, ownRetentionMs?: number): Record<string, string> {
  if (keeps === 'latest') return { 'cleanup.policy': 'compact' }
  return {
    'cleanup.policy': 'delete',
    'retention.ms': String(ownRetentionMs ?? retentionMs(keeps, settings)),
    // The broker's clock, because readers use the event log's timestamps to agree on repeats.
    ...(keeps === 'events' ? { 'message.timestamp.type': 'LogAppendTime' } : {}),
  }
}

function retentionMs(keeps: Exclude<Topic['keeps'], 'latest'>, settings: Settings): number {
  if (keeps === 'events') return settings.kafka_retention_events
  return keeps === 'dead-letters' ? settings.kafka_retention_dead_letters : settings.kafka_retention
}
