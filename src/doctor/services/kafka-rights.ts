import { TOPICS, type TopicRole } from '../../messages/topics.ts'

/** An operation that the bridge needs, by Kafka's name. */
type Operation = 'Read' | 'Write' | 'Describe' | 'DescribeConfigs'

/**
 * What a process needs on a topic, as in the table of docs/kafka.md. Empty for a topic that it does not use. A process with the role edge
 * alone only reads the event log.
 */
export function rightsOfTopic(role: TopicRole, { isRelay }: { isRelay: boolean }): readonly Operation[] {
  if (!isRelay) return role === 'events' ? ['Read', 'Describe'] : []
  if (role === 'events') return ['Read', 'Write', 'Describe', 'DescribeConfigs']
  if (role === 'bans') return ['Read', 'Write', 'Describe']
  const { direction, groups } = TOPICS[role]
  if (direction === 'out') return ['Write', 'Describe']
  return groups.length > 0 ? ['Read', 'Describe'] : []
}

/** What a relay needs on each of its consumer groups. */
export const RIGHTS_OF_GROUP: readonly Operation[] = ['Read', 'Describe']
