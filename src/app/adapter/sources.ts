import { readFile } from 'node:fs/promises'
import { readBlocksFinal } from '../../adapters/teranode/blocks-final.ts'
import { ChainFollower } from '../../adapters/teranode/chain-follower.ts'
import { blockNotification, miningOnNotification } from '../../adapters/teranode/notification-of.ts'
import type { Settings } from '../../config/settings.ts'
import { createBlockchainClient } from '../../grpc/blockchain-client.ts'
import type { KafkaConnection } from '../../kafka/client/connection.ts'
import { createGroupConsumer, type GroupConsumerDeps } from '../../kafka/group/group-consumer.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import { KAFKA_PATIENCE } from '../../lifecycle/health.ts'
import { Listeners } from '../../lifecycle/listeners.ts'
import { RareLog } from '../../lifecycle/rare-log.ts'
import type { NotificationValue } from '../../messages/kinds/notification.ts'
import { blockHash } from '../../messages/rules/block-header.ts'
import type { TopicRole } from '../../messages/topics.ts'
import { type TraceHeaders, traceHeaders } from '../../messages/trace-context.ts'
import { createAdapterMetrics } from '../../telemetry/adapter-metrics.ts'
import type { FlowMetrics } from '../../telemetry/flow-metrics.ts'
import type { KafkaMetrics } from '../../telemetry/kafka-metrics.ts'
import { isTransient } from '../groups.ts'
import type { AdapterDeps } from './adapter-deps.ts'
import { leaseOf } from './lease.ts'

export interface SourceDeps extends AdapterDeps {
  readonly kafka: KafkaConnection
  readonly topics: Readonly<Record<TopicRole, string>>
  readonly metrics: FlowMetrics
  readonly kafkaMetrics: KafkaMetrics
  /** `trace` is that of the record of which the notification tells. */
  readonly write: (value: NotificationValue, trace?: TraceHeaders) => Promise<unknown>
}

const MAX_IN_FLIGHT = 1
const FLOW = 'chain-to-notifications'

export async function startSource(settings: Settings, deps: SourceDeps): Promise<void> {
  return settings.adapter_source === 'blockchain' ? followChain(settings, deps) : readStoredBlocks(settings, deps)
}

/** The node's blockchain service, followed by the one instance to which the group gives the lease. */
async function followChain(settings: Settings, deps: SourceDeps): Promise<void> {
  const { log, registry, stops, topics, metrics, health } = deps
  const assignments = new Listeners()
  const group = createGroupConsumer(
    { ...groupOptions(settings), topics: [], ownedTopics: [topics.notifications] },
    { ...groupDeps(deps), handle: async () => {}, onAssignment: () => assignments.emit() },
  )
  stops.add('group adapter', () => group.stop())
  const ca = settings.blockchain_grpc_ca_file === '' ? undefined : await readFile(settings.blockchain_grpc_ca_file)
  const chain = await createBlockchainClient(
    { address: settings.blockchain_grpcAddress, source: `gossip-bridge ${settings.bridge_id}`, ca },
    { clock: SYSTEM_CLOCK, hashOf: blockHash },
  )
  stops.add('blockchain client', () => chain.close())
  const notFound = new RareLog<{ hash: string; error: unknown }>(
    {},
    { say: (blocks, { hash, error }) => log.warn({ err: error, hash, blocks }, 'the node does not describe a block that it has named') },
  )
  stops.add('adapter log', () => notFound.stop())
  const follower = new ChainFollower(
    {},
    {
      chain,
      lease: leaseOf(group, topics.notifications, assignments),
      health: health.part('node'),
      write: deps.write,
      count: (outcome) => metrics.records.inc({ flow: FLOW, outcome }),
      onNotFound: (hash, error) => notFound.count('not-found', { hash, error }),
      onError: (error) => {
        adapterMetrics.ended.inc()
        log.debug({ err: error }, 'the subscription to the node has ended')
      },
    },
  )
  const adapterMetrics = createAdapterMetrics(registry, () => follower.isFollowing())
  stops.add('adapter', () => follower.stop())
  await group.start()
  follower.start()
}

/** The topic `blocks-final`, shared by the instances as any topic is; the group's offsets say what is written already. */
async function readStoredBlocks(settings: Settings, deps: SourceDeps): Promise<void> {
  const topic = settings.kafka_topic_blocks_final
  const group = createGroupConsumer(
    { ...groupOptions(settings), topics: [topic], serialTopics: [topic] },
    {
      ...groupDeps(deps),
      handle: async (record) => {
        const [block, trace] = [readBlocksFinal(record.value), traceHeaders(record)]
        await deps.write(blockNotification(block), trace)
        await deps.write(miningOnNotification(block), trace)
        deps.metrics.records.inc({ flow: FLOW, outcome: 'block' })
      },
    },
  )
  deps.stops.add('group adapter', () => group.stop())
  await group.start()
}

function groupOptions({ bridge_id, kafka_session_timeout: sessionTimeoutMs }: Settings) {
  return { groupId: `${bridge_id}.adapter`, sessionTimeoutMs, maxInFlight: MAX_IN_FLIGHT }
}

/** A record that is no block is counted and logged, and passed over: the node's topic is not ours to repair. */
function groupDeps({ kafka, log, health, kafkaMetrics, metrics }: SourceDeps): Omit<GroupConsumerDeps, 'handle'> {
  return {
    clock: SYSTEM_CLOCK,
    kafka,
    log,
    metrics: kafkaMetrics,
    health: health.part('group adapter', KAFKA_PATIENCE),
    isTransient,
    deadLetter: async ({ topic, partition, offset }, error) => {
      metrics.records.inc({ flow: FLOW, outcome: 'bad-input' })
      log.warn({ err: error, topic, partition, offset: offset.toString() }, 'a record of the node is no block, and passed over')
    },
  }
}
