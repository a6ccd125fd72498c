import { TERANODE_MESSAGES } from '../../messages/codec/protobuf-strings.ts'
import { byRole, TOPIC_ROLES, TOPICS, type TopicRole, VALUE_ROLES, type ValueRole } from '../../messages/topics.ts'
import { choice, duration, integer, kind, list, shaped } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'

type Word<R extends TopicRole> = (typeof TOPICS)[R]['setting']
/** Name of the setting for the name of a topic. */
export type TopicNameSetting<R extends TopicRole = TopicRole> = `kafka_topic_${Word<R>}`
/** Name of the setting for the encoding of a topic's values. */
export type EncodingSetting<R extends ValueRole = ValueRole> = `encoding_${Word<R>}`

export const TOPIC_NAME_SETTINGS = byRole(TOPIC_ROLES, (role): TopicNameSetting => `kafka_topic_${TOPICS[role].setting}`)
export const ENCODING_SETTINGS = byRole(VALUE_ROLES, (role): EncodingSetting => `encoding_${TOPICS[role].setting}`)

const topicName = (role: TopicRole) =>
  setting(shaped('a topic name of letters, digits, dots, dashes and underscores, at most 200', /^[A-Za-z0-9._-]{1,200}$/), {
    description: `Name of the topic with ${TOPICS[role].holds}.`,
    default: TOPICS[role].name,
  })

const encoding = (role: ValueRole) =>
  setting(TERANODE_MESSAGES[role] ? choice('avro', 'json', 'protobuf') : choice('avro', 'json'), {
    description: `Encoding for writing ${TOPICS[role].values}. ${TERANODE_MESSAGES[role] ? '`protobuf` is Teranode’s. ' : ''}Reading accepts every encoding.`,
    default: 'avro',
  })

/** The topics for which the number of partitions and the retention are free. */
const FREE_TOPICS: ReadonlyMap<string, TopicRole> = new Map(
  TOPIC_ROLES.flatMap((role) =>
    TOPICS[role].partitions === 'many' && TOPICS[role].keeps === 'records' ? [[TOPICS[role].setting, role]] : [],
  ),
)

export interface NewTopic {
  readonly role: TopicRole
  readonly partitions: number
  readonly retentionMs: number
}

function newTopic() {
  const retention = duration({ min: '1s', unbounded: true })
  const count = integer(1, 1000)
  return kind(`<topic>:<partitions>:<retention>, with a topic of ${[...FREE_TOPICS.keys()].join(', ')}`, (text): NewTopic | undefined => {
    const [word = '', partitions = '', kept = '', ...rest] = text.split(':')
    const role = FREE_TOPICS.get(word)
    const parsed = { partitions: count.safeParse(partitions), retention: retention.safeParse(kept) }
    if (role === undefined || rest.length > 0 || !parsed.partitions.success || !parsed.retention.success) return undefined
    return { role, partitions: parsed.partitions.data, retentionMs: parsed.retention.data }
  })
}

const names = Object.fromEntries(TOPIC_ROLES.map((role) => [TOPIC_NAME_SETTINGS[role], topicName(role)])) as {
  readonly [R in TopicRole as TopicNameSetting<R>]: ReturnType<typeof topicName>
}
const encodings = Object.fromEntries(VALUE_ROLES.map((role) => [ENCODING_SETTINGS[role], encoding(role)])) as {
  readonly [R in ValueRole as EncodingSetting<R>]: ReturnType<typeof encoding>
}

/** The topics, and how `topics create` creates missing ones. */
export const topicSettings = {
  title: 'Topics and encodings',
  settings: {
    topic_prefix: setting(shaped('letters, digits, dots, dashes and underscores, at most 40', /^[A-Za-z0-9._-]{1,40}$/), {
      description: 'Prefix of the names of all Kafka topics.',
      default: '',
      example: 'node-a.',
    }),
    topic_suffix: setting(shaped('letters, digits, dots, dashes and underscores, at most 40', /^[A-Za-z0-9._-]{1,40}$/), {
      description: 'Suffix of the names of all Kafka topics.',
      default: '',
      example: '-teranode1',
    }),
    ...names,
    ...encodings,
    kafka_key_form: setting(choice('text', 'bytes'), {
      description:
        'Keys of `blocks` and `subtrees`: the hash as text, as Teranode writes it since November 2025, or its 32 bytes in internal order, as before.',
      default: 'text',
    }),
    kafka_partitions: setting(integer(1, 1000), {
      description: 'Number of partitions of a new topic, except for topics that must have exactly one.',
      default: '3',
    }),
    kafka_new_topics: setting(list(newTopic()), {
      description:
        'Partitions and retention of single new topics, as `<topic>:<partitions>:<retention>`, with the topics’ words in `kafka_topic_<topic>`. Others have those of `kafka_partitions` and `kafka_retention`.',
      default: '',
      example: 'subtrees:8:30m|blocks:1:1m',
    }),
    kafka_replication_factor: setting(integer(-1, 100), {
      description: 'Replication factor of a new topic; -1 uses the default of the brokers.',
      default: '-1',
      example: '3',
    }),
    kafka_retention_events: setting(duration({ min: '20m', unbounded: true }), {
      description: 'Retention of a new topic for the event log.',
      default: '24h',
    }),
    kafka_retention: setting(duration({ min: '1m', unbounded: true }), {
      description: 'Retention of new topics other than those of the event log and of dead letters.',
      default: '24h',
    }),
    kafka_retention_dead_letters: setting(duration({ min: '1m', unbounded: true }), {
      description: 'Retention of a new topic for dead letters.',
      default: '168h',
    }),
  },
}
