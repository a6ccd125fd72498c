/** A consumer group of the bridge: `<bridge_id>.log` or `<bridge_id>.gossip`. */
export type GroupName = 'log' | 'gossip'

/** Everything that differs between the topics. Names and encodings are settings, roles are fixed. */
export interface Topic {
  /** The settings `kafka_topic_<setting>` and `encoding_<setting>` belong to the topic. */
  readonly setting: string
  /** Default name. */
  readonly name: string
  /** The content of its records, for the description of `kafka_topic_<setting>`. */
  readonly holds: string
  /** The encoded values, for the description of `encoding_<setting>`. Null for foreign bytes, which have no schema or encoding. */
  readonly values: string | null
  /** `in`: others write, the bridge reads. `out`: the bridge writes. */
  readonly direction: 'in' | 'out' | 'both'
  /** Consumer groups that subscribe to it. The event log is not among them: the group `log` follows it from its committed offset. */
  readonly groups: readonly GroupName[]
  /** `one`: its records need one order or form one current state, which several partitions would break. */
  readonly partitions: 'one' | 'many'
  /** Retention of a new topic: records for one of the retention times of the settings, or the latest record of each key. */
  readonly keeps: 'records' | 'events' | 'dead-letters' | 'latest'
}

/** THE table of topics. All lists of topics in the code derive from it. A role without a value type in topic-values.ts does not compile. */
export const TOPICS = {
  notifications: {
    setting: 'notifications',
    name: 'blockchain-notifications',
    holds: 'the own node’s blocks, subtrees and what it mines on',
    values: 'own notifications (by simulator and tools)',
    direction: 'in',
    groups: ['log', 'gossip'],
    partitions: 'many',
    keeps: 'records',
  },
  rejectedTx: {
    setting: 'rejected_tx',
    name: 'rejectedtx',
    holds: 'transactions that the own validator rejected',
    values: 'rejected transactions (by simulator and tools)',
    direction: 'in',
    groups: ['log', 'gossip'],
    partitions: 'many',
    keeps: 'records',
  },
  invalidBlocks: {
    setting: 'invalid_blocks',
    name: 'invalid-blocks',
    holds: 'blocks that block validation found invalid',
    values: 'verdicts on blocks (by simulator and tools)',
    direction: 'in',
    groups: ['log'],
    partitions: 'many',
    keeps: 'records',
  },
  invalidSubtrees: {
    setting: 'invalid_subtrees',
    name: 'invalid-subtrees',
    holds: 'subtrees that subtree validation found invalid',
    values: 'verdicts on subtrees (by simulator and tools)',
    direction: 'in',
    groups: ['log'],
    partitions: 'many',
    keeps: 'records',
  },
  banCommands: {
    setting: 'ban_commands',
    name: 'ban-commands',
    holds: 'commands that change the ban list',
    values: 'ban commands (by `gossip-bridge bans`)',
    direction: 'in',
    groups: ['log'],
    partitions: 'one',
    keeps: 'records',
  },
  events: {
    setting: 'events',
    name: 'p2p-events',
    holds: 'all events, own and foreign: the event log',
    values: 'the entries of the event log',
    direction: 'both',
    groups: [],
    partitions: 'one',
    keeps: 'events',
  },
  blocks: {
    setting: 'blocks',
    name: 'blocks',
    holds: 'block announcements for block validation',
    values: 'block announcements',
    direction: 'out',
    groups: [],
    partitions: 'many',
    keeps: 'records',
  },
  subtrees: {
    setting: 'subtrees',
    name: 'subtrees',
    holds: 'subtree announcements for subtree validation',
    values: 'subtree announcements',
    direction: 'out',
    groups: [],
    partitions: 'many',
    keeps: 'records',
  },
  bans: {
    setting: 'bans',
    name: 'p2p-bans',
    holds: 'the current ban list',
    values: 'the entries of the ban list',
    direction: 'out',
    groups: [],
    partitions: 'one',
    keeps: 'latest',
  },
  deadLetters: {
    setting: 'dead_letters',
    name: 'p2p-dead-letters',
    holds: 'records that could not be used',
    values: null,
    direction: 'out',
    groups: [],
    partitions: 'many',
    keeps: 'dead-letters',
  },
} as const satisfies Record<string, Topic>

type Topics = typeof TOPICS

/** The purpose of a topic for the bridge. */
export type TopicRole = keyof Topics
/** Roles of the topics whose values have a schema. */
export type ValueRole = { [R in TopicRole]: Topics[R]['values'] extends null ? never : R }[TopicRole]
/** Roles of the topics that a group subscribes to. */
export type GroupTopic<G extends GroupName> = { [R in TopicRole]: G extends Topics[R]['groups'][number] ? R : never }[TopicRole]
/** Roles of the in-topics with the own node's announcements: both groups read them, one for the event log and one for gossip. */
export type AnnouncementTopic = GroupTopic<'gossip'> & GroupTopic<'log'>
/** Roles of the topics in which validation services get foreign announcements. */
export type ValidationTopic = Exclude<
  { [R in TopicRole]: Topics[R]['direction'] extends 'out' ? R : never }[TopicRole],
  'bans' | 'deadLetters'
>

export const TOPIC_ROLES = Object.keys(TOPICS) as TopicRole[]
export const VALUE_ROLES = TOPIC_ROLES.filter((role): role is ValueRole => TOPICS[role].values !== null)
/** The topics that others write for the bridge. */
export const IN_TOPICS: readonly TopicRole[] = TOPIC_ROLES.filter((role) => TOPICS[role].direction === 'in')
/** The topics that a relay writes. */
export const WRITTEN_TOPICS: readonly TopicRole[] = TOPIC_ROLES.filter((role) => TOPICS[role].direction !== 'in')
export const ANNOUNCEMENT_TOPICS: readonly AnnouncementTopic[] = groupTopics('gossip')

/** The topics that a group subscribes to. */
export function groupTopics<G extends GroupName>(group: G): GroupTopic<G>[] {
  return TOPIC_ROLES.filter((role): role is GroupTopic<G> => (TOPICS[role].groups as readonly GroupName[]).includes(group))
}

/** One value for each of the roles. */
export function byRole<R extends TopicRole, V>(roles: readonly R[], make: (role: R) => V): Record<R, V> {
  return Object.fromEntries(roles.map((role) => [role, make(role)])) as Record<R, V>
}
