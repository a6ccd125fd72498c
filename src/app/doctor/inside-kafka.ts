import type { Logger } from 'pino'
import { kafkaOptions } from '../../config/kafka-options.ts'
import type { Settings } from '../../config/settings.ts'
import { topicEncodings, topicNames } from '../../config/topic-names.ts'
import { type Finding, messageOf } from '../../doctor/finding.ts'
import { judgeEncodings } from '../../doctor/services/encodings.ts'
import { judgeBrokerClock, judgeCluster, judgeKafkaTrouble, judgeTopics } from '../../doctor/services/kafka.ts'
import type { WantedTopic } from '../../kafka/admin/topic-spec.ts'
import { inspectTopic } from '../../kafka/admin/topics.ts'
import { createKafka, type KafkaConnection } from '../../kafka/client/connection.ts'
import { inspectCluster } from '../../kafka/client/inspect-cluster.ts'
import { troubleOf } from '../../kafka/client/trouble.ts'
import { withPartitionReader } from '../../kafka/reader/partition-reader.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'

export interface InsideKafkaDeps {
  readonly log: Logger
  readonly wanted: readonly WantedTopic[]
}

/** The cluster, the user's rights, the topics and the clock of the brokers. */
export async function lookInsideKafka(settings: Settings, { log, wanted }: InsideKafkaDeps): Promise<Finding[]> {
  const kafka = createKafka(kafkaOptions(settings), { log })
  const isRelay = settings.roles.includes('relay')
  const topics = topicNames(settings)
  const groups = isRelay ? [`${settings.bridge_id}.log`, `${settings.bridge_id}.gossip`] : []
  try {
    const facts = await inspectCluster(kafka, { topics: Object.values(topics), groups })
    const needed = isRelay ? wanted : wanted.filter(({ name }) => name === topics.events)
    const states = new Map(facts.topics.map(({ topic, state }) => [topic, state]))
    const compared = needed.filter(({ name }) => states.get(name) === 'exists')
    const inspected = await Promise.all(compared.map((topic) => inspectTopic(kafka, topic)))
    const missing = needed.filter(({ name }) => states.get(name) === 'missing').map(({ name }) => name)
    return [
      ...judgeCluster(facts, { isRelay, topics }),
      ...judgeTopics({ missing, differences: inspected.flatMap(({ findings }) => findings), compared: compared.length }),
      ...(isRelay ? judgeEncodings(topicEncodings(settings)) : []),
      ...(states.get(topics.events) === 'exists' ? [await compareClocks(topics.events, { kafka, log })] : []),
    ]
  } catch (error) {
    return [judgeKafkaTrouble({ trouble: troubleOf(error), message: messageOf(error), brokers: kafka.brokers })]
  }
}

/** The newest record of the event log, whose time is the broker's. */
async function compareClocks(topic: string, { kafka, log }: { kafka: KafkaConnection; log: Logger }): Promise<Finding> {
  const newestAt = await withPartitionReader({ topic, deadlineMs: 5000 }, { kafka, log, clock: SYSTEM_CLOCK }, async (reader) => {
    const { low, high } = await reader.bounds()
    const { records } = high > low ? await reader.read(high - 1n) : { records: [] }
    return records.at(-1)?.timestamp
  })
  return judgeBrokerClock({ newestAt, now: SYSTEM_CLOCK.wall() })
}
