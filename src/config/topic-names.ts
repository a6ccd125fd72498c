import { TOPIC_ROLES, type TopicRole, VALUE_ROLES, type ValueRole } from '../messages/topic-values.ts'
import type { Settings } from './settings.ts'

type SnakeCase<Text extends string> = Text extends `${infer Head}${infer Tail}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${SnakeCase<Tail>}`
  : ''

/** The names of the topics as they are in Kafka, prefix included. */
export function topicNames(settings: Pick<Settings, 'topic_prefix' | TopicSetting>): Record<TopicRole, string> {
  return Object.fromEntries(
    TOPIC_ROLES.map((role) => [role, settings.topic_prefix + settings[`kafka_topic_${snakeCase(role)}`]]),
  ) as Record<TopicRole, string>
}

/** How the values of each role are written. */
export function topicEncodings(settings: Pick<Settings, EncodingSetting>): Record<ValueRole, 'avro' | 'json'> {
  return Object.fromEntries(VALUE_ROLES.map((role) => [role, settings[`encoding_${snakeCase(role)}`]])) as Record<
    ValueRole,
    'avro' | 'json'
  >
}

type TopicSetting = `kafka_topic_${SnakeCase<TopicRole>}`
type EncodingSetting = `encoding_${SnakeCase<ValueRole>}`

function snakeCase<Role extends TopicRole>(role: Role): SnakeCase<Role> {
  return role.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) as SnakeCase<Role>
}
