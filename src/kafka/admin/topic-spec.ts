/** The wanted state of a topic. */
export interface WantedTopic {
  readonly name: string
  readonly partitions: number
  /** True when another number of partitions breaks the bridge, not only its balance. */
  readonly isPartitionCountFixed?: boolean
  readonly replication: number
  /** Topic configuration by Kafka's names, for example `retention.ms`. */
  readonly config: Readonly<Record<string, string>>
}

/** The actual state of a topic. */
export interface TopicState {
  readonly name: string
  readonly partitions: number
  /** Replicas of the partition that has the fewest. */
  readonly replication: number
  readonly config: Readonly<Record<string, string>>
}

export interface TopicFinding {
  readonly topic: string
  /** An error keeps the bridge from working correctly; a warning deserves a look. */
  readonly severity: 'error' | 'warning'
  readonly problem: string
  /** The command to type, or the decision to make. */
  readonly fix: string
}

/** Settings of a topic that change what the bridge's readers see, so a difference is an error. */
const BINDING_CONFIG = new Set(['message.timestamp.type', 'cleanup.policy'])

/**
 * Differences between a topic and its wanted state; empty without any. An existing topic is never altered: that is the operator's
 * choice. `brokers` are for the commands that it prints.
 */
export function compareTopic(wanted: WantedTopic, found: TopicState | undefined, brokers: readonly string[]): TopicFinding[] {
  const topic = wanted.name
  if (!found) return [{ topic, severity: 'error', problem: `topic ${topic} does not exist`, fix: 'gossip-bridge topics create' }]
  return [...comparePartitions(wanted, found), ...compareReplication(wanted, found), ...compareConfig(wanted, found, brokers)]
}

function comparePartitions(wanted: WantedTopic, found: TopicState): TopicFinding[] {
  if (found.partitions === wanted.partitions) return []
  const problem = `topic ${wanted.name} has ${found.partitions} partitions, wanted are ${wanted.partitions}`
  if (!wanted.isPartitionCountFixed) {
    return [
      { topic: wanted.name, severity: 'warning', problem, fix: 'leave it, or make the topic anew: more partitions would move the keys' },
    ]
  }
  return [{ topic: wanted.name, severity: 'error', problem, fix: `delete the topic and make it anew with ${wanted.partitions} partitions` }]
}

function compareReplication(wanted: WantedTopic, found: TopicState): TopicFinding[] {
  if (found.replication >= wanted.replication) return []
  const problem = `topic ${wanted.name} has ${found.replication} replicas, wanted are ${wanted.replication}`
  return [{ topic: wanted.name, severity: 'warning', problem, fix: 'add replicas with kafka-reassign-partitions' }]
}

function compareConfig(wanted: WantedTopic, found: TopicState, brokers: readonly string[]): TopicFinding[] {
  const tool = `kafka-configs --bootstrap-server ${brokers.join(',')} --alter --entity-type topics --entity-name ${wanted.name}`
  return Object.entries(wanted.config).flatMap(([name, value]): TopicFinding[] => {
    const actual = found.config[name]
    if (actual === value || actual === undefined) return []
    const fix = `${tool} --add-config ${name}=${value}`
    const severity = BINDING_CONFIG.has(name) ? 'error' : 'warning'
    return [{ topic: wanted.name, severity, problem: `topic ${wanted.name} has ${name}=${actual}, wanted is ${value}`, fix }]
  })
}
