import { choice, duration, integer, shaped } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'

const topicName = (description: string, name: string) =>
  setting(shaped('a topic name of letters, digits, dots, dashes and underscores, at most 200', /^[A-Za-z0-9._-]{1,200}$/), {
    description: `Topic of ${description}.`,
    default: name,
  })

const encoding = (description: string) =>
  setting(choice('avro', 'json'), {
    description: `Encoding in which ${description} are written; what is read may be either.`,
    default: 'avro',
  })

/** The topics, and how `topics create` makes those that are missing. */
export const topicSettings = {
  title: 'Topics and encodings',
  settings: {
    topic_prefix: setting(shaped('letters, digits, dots, dashes and underscores, at most 40', /^[A-Za-z0-9._-]{1,40}$/), {
      description: 'Put before the name of every topic.',
      default: '',
      example: 'node-a.',
    }),
    kafka_topic_notifications: topicName('the own node’s blocks, subtrees and what it mines on', 'blockchain-notifications'),
    kafka_topic_rejected_tx: topicName('transactions that the own validator rejected', 'rejectedtx'),
    kafka_topic_invalid_blocks: topicName('blocks that block validation found invalid', 'invalid-blocks'),
    kafka_topic_invalid_subtrees: topicName('subtrees that subtree validation found invalid', 'invalid-subtrees'),
    kafka_topic_ban_commands: topicName('commands that change the ban list', 'ban-commands'),
    kafka_topic_events: topicName('the log: all that happened, own and foreign', 'p2p-events'),
    kafka_topic_blocks: topicName('block announcements for block validation', 'blocks'),
    kafka_topic_subtrees: topicName('subtree announcements for subtree validation', 'subtrees'),
    kafka_topic_bans: topicName('the ban list as it stands', 'p2p-bans'),
    kafka_topic_dead_letters: topicName('records that could not be understood', 'p2p-dead-letters'),
    encoding_notifications: encoding('own notifications (by simulator and tools)'),
    encoding_rejected_tx: encoding('rejected transactions (by simulator and tools)'),
    encoding_invalid_blocks: encoding('verdicts on blocks (by simulator and tools)'),
    encoding_invalid_subtrees: encoding('verdicts on subtrees (by simulator and tools)'),
    encoding_ban_commands: encoding('ban commands (by `gossip-bridge bans`)'),
    encoding_events: encoding('the entries of the log'),
    encoding_blocks: encoding('block announcements'),
    encoding_subtrees: encoding('subtree announcements'),
    encoding_bans: encoding('the entries of the ban list'),
    kafka_partitions: setting(integer(1, 1000), {
      description: 'Partitions of new topics, except for those that must have exactly one.',
      default: '3',
    }),
    kafka_replication_factor: setting(integer(-1, 100), {
      description: 'Copies of each partition of new topics; -1 leaves it to the brokers.',
      default: '-1',
      example: '3',
    }),
    kafka_retention_events: setting(duration({ min: '20m', unbounded: true }), {
      description: 'How long new topics keep the log.',
      default: '24h',
    }),
    kafka_retention: setting(duration({ min: '1m', unbounded: true }), {
      description: 'How long the other new topics keep their records.',
      default: '24h',
    }),
    kafka_retention_dead_letters: setting(duration({ min: '1m', unbounded: true }), {
      description: 'How long a new topic keeps dead letters.',
      default: '168h',
    }),
  },
}
