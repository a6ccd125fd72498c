import type { Broker, Cluster } from 'kafkajs'
import { formatHostPort } from '../../addresses/host-port.ts'
import type { ClusterFacts, GroupRightsFacts, TopicRightsFacts } from '../../doctor/ports.ts'
import { withDeadline } from '../../lifecycle/time.ts'
import { FETCH } from '../wire/api/fetch.ts'
import { GROUP_RIGHTS, type GroupRights } from '../wire/api/group-rights.ts'
import { TOPIC_RIGHTS, type TopicRights } from '../wire/api/topic-rights.ts'
import { newestVersion } from './broker-versions.ts'
import type { KafkaConnection } from './connection.ts'
import { sendRequest } from './raw-request.ts'

const BROKER_DEADLINE_MS = 5000
const CLOSE_DEADLINE_MS = 1000

const MISSING = 3
const GROUP_HIDDEN = 30

/** Asks every broker what it is and what this user may do. Creates no topic and joins no group. Rejects when no broker can be used. */
export async function inspectCluster(
  kafka: Pick<KafkaConnection, 'cluster'>,
  { topics, groups }: { topics: readonly string[]; groups: readonly string[] },
): Promise<ClusterFacts> {
  const cluster = kafka.cluster()
  try {
    await cluster.connect()
    await cluster.refreshMetadata()
    const reached = await Promise.all(cluster.getNodeIds().map((nodeId) => reach(cluster, nodeId)))
    const brokers = reached.flatMap(({ broker }) => (broker ? [broker] : []))
    const [first] = brokers
    if (!first) throw reached[0]?.error ?? new Error('the cluster names no broker')
    const view = await sendRequest(first, TOPIC_RIGHTS, topics)
    const described = await Promise.all(brokers.map((broker) => sendRequest(broker, GROUP_RIGHTS, groups)))
    return {
      brokers: view.answer.brokers.map(({ nodeId, host, port }) => ({
        nodeId,
        address: formatHostPort({ host, port }),
        fault: faultOf(reached.find((each) => Number(each.nodeId) === nodeId)?.error),
      })),
      fetchVersion: Math.min(...brokers.map((broker) => newestVersion(broker, FETCH.key) ?? 0)),
      topics: view.answer.topics.map(topicFacts),
      groups: groups.map((group) =>
        groupFacts(
          group,
          described.flatMap(({ answer }) => answer),
        ),
      ),
      throttledMs: Math.max(view.throttledMs, ...described.map(({ throttledMs }) => throttledMs)),
    }
  } finally {
    await withDeadline(cluster.disconnect(), CLOSE_DEADLINE_MS, 'closing connections').catch(() => {})
  }
}

interface Reached {
  readonly nodeId: number
  readonly broker?: Broker
  readonly error?: unknown
}

async function reach(cluster: Cluster, nodeId: number): Promise<Reached> {
  try {
    const finding = cluster.findBroker({ nodeId: String(nodeId) })
    return { nodeId, broker: await withDeadline(finding, BROKER_DEADLINE_MS, `connecting to broker ${nodeId}`) }
  } catch (error) {
    return { nodeId, error }
  }
}

function faultOf(error: unknown): string | undefined {
  return error === undefined ? undefined : error instanceof Error ? error.message : String(error)
}

function topicFacts({ topic, errorCode, operations }: TopicRights): TopicRightsFacts {
  const state = errorCode === MISSING ? 'missing' : errorCode === 0 ? 'exists' : 'hidden'
  return { topic, state, operations: errorCode === 0 ? operations : undefined }
}

/** The coordinator's answer has the rights; the other brokers only say whether the user may know of the group. */
function groupFacts(group: string, answers: readonly GroupRights[]): GroupRightsFacts {
  const ofGroup = answers.filter(({ groupId }) => groupId === group)
  return {
    group,
    isHidden: ofGroup.some(({ errorCode }) => errorCode === GROUP_HIDDEN),
    operations: ofGroup.find(({ errorCode }) => errorCode === 0)?.operations,
  }
}
