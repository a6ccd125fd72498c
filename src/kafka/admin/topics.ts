import { setTimeout as delay } from 'node:timers/promises'
import type { Admin, ITopicMetadata } from 'kafkajs'
import type { KafkaConnection } from '../client/connection.ts'
import { kafkaErrorType, troubleOf } from '../client/trouble.ts'
import { compareTopic, type TopicFinding, type TopicState, type WantedTopic } from './topic-spec.ts'

/** Kafka's resource type for the configuration of a topic. */
const TOPIC_RESOURCE = 2

const LEADER_LOOKS = 100
const LEADER_LOOK_EACH_MS = 100

/** The result of `topics create`. */
export interface TopicCreation {
  readonly created: string[]
  readonly existed: string[]
}

/** Creates the missing topics. Existing topics stay unchanged. */
export async function createTopics(kafka: KafkaConnection, wanted: readonly WantedTopic[]): Promise<TopicCreation> {
  return kafka.withAdmin(async (admin) => {
    const there = new Set(await admin.listTopics())
    const created: string[] = []
    for (const topic of wanted) {
      if (there.has(topic.name)) continue
      if (await createTopic(admin, topic)) created.push(topic.name)
    }
    if (created.length > 0) await waitForLeaders(admin, created)
    return { created, existed: wanted.map((topic) => topic.name).filter((name) => !created.includes(name)) }
  }, 60_000)
}

/** Names of all topics that this user may see, Kafka's own left out. */
export async function listTopics(kafka: KafkaConnection): Promise<string[]> {
  const names = await kafka.withAdmin((admin) => admin.listTopics())
  return names.filter((name) => !name.startsWith('__')).sort()
}

/** The existing topics among those named, in the order given. */
export async function describeTopics(kafka: KafkaConnection, names: readonly string[]): Promise<TopicState[]> {
  return kafka.withAdmin(async (admin) => {
    const there = new Set(await admin.listTopics())
    const known = names.filter((name) => there.has(name))
    return known.length === 0 ? [] : describe(admin, known)
  })
}

/** Differences between the topics and their wanted state, in the order given; empty without any. */
export async function checkTopics(kafka: KafkaConnection, wanted: readonly WantedTopic[]): Promise<TopicFinding[]> {
  const names = wanted.map((topic) => topic.name)
  const found = new Map((await describeTopics(kafka, names)).map((state) => [state.name, state]))
  return wanted.flatMap((topic) => compareTopic(topic, found.get(topic.name), kafka.brokers))
}

/**
 * Differences between a topic and its wanted state, and its settings. When the user is unauthorized to see the settings they are
 * undefined, and no difference mentions them. Rejects while the topic is missing.
 */
export async function inspectTopic(
  kafka: KafkaConnection,
  wanted: WantedTopic,
): Promise<{ findings: TopicFinding[]; config: Readonly<Record<string, string>> | undefined }> {
  const { state, isConfigKnown } = await kafka.withAdmin(async (admin) => {
    try {
      const [state] = await describe(admin, [wanted.name])
      return { state, isConfigKnown: true }
    } catch (error) {
      if (troubleOf(error) !== 'unauthorized') throw error
      const { topics } = await admin.fetchTopicMetadata({ topics: [wanted.name] })
      return { state: topics.map((topic) => toState(topic, {}))[0], isConfigKnown: false }
    }
  })
  return { findings: compareTopic(wanted, state, kafka.brokers), config: isConfigKnown ? state?.config : undefined }
}

async function createTopic(admin: Admin, { name, partitions, replication, config }: WantedTopic): Promise<boolean> {
  const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }))
  const request = { topic: name, numPartitions: partitions, replicationFactor: replication, configEntries }
  try {
    return await admin.createTopics({ topics: [request], waitForLeaders: false })
  } catch (error) {
    const cause = aggregated(error)
    if (kafkaErrorType(cause) === 'TOPIC_ALREADY_EXISTS') return false
    const hint =
      kafkaErrorType(cause) === 'INVALID_REPLICATION_FACTOR' ? `, the cluster has too few brokers for ${replication} replicas` : ''
    throw new Error(`topic ${name} could not be made: ${cause instanceof Error ? cause.message : cause}${hint}`, { cause })
  }
}

/**
 * The caller wants to use a created topic at once. kafkajs's own wait gives up when the broker that it asks does not know the topic yet.
 */
async function waitForLeaders(admin: Admin, names: readonly string[]): Promise<void> {
  for (let left = LEADER_LOOKS; left > 0; left--) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [...names] })
      if (topics.every(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0))) return
    } catch (error) {
      if (left === 1) throw error
    }
    await delay(LEADER_LOOK_EACH_MS)
  }
}

async function describe(admin: Admin, names: readonly string[]): Promise<TopicState[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [...names] })
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type: TOPIC_RESOURCE, name })),
  })
  const configs = new Map(resources.map((each) => [each.resourceName, each.configEntries]))
  const states = topics.map((topic) =>
    toState(topic, Object.fromEntries((configs.get(topic.name) ?? []).map((entry) => [entry.configName, entry.configValue]))),
  )
  return states.sort((one, other) => names.indexOf(one.name) - names.indexOf(other.name))
}

function toState({ name, partitions }: ITopicMetadata, config: Record<string, string>): TopicState {
  const replication = Math.min(...partitions.map((partition) => partition.replicas.length))
  return { name, partitions: partitions.length, replication, config }
}

/** kafkajs aggregates the errors of all topics of a request; ours has one topic. */
function aggregated(error: unknown): unknown {
  const first = (error as { errors?: unknown[] }).errors?.[0]
  return first ?? error
}
