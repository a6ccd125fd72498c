import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { createTopics } from '../../src/kafka/admin/topics.ts'
import type { BareFeedOptions } from '../programs/bare-feed.ts'
import type { FeedProducerOptions } from '../programs/feed-producer.ts'
import type { BenchContext } from '../support/bench.ts'
import { createNode, startBridge } from '../support/bridge.ts'
import { connectKafka } from '../support/kafka/kafka-client.ts'
import { startProgram } from '../support/program.ts'

/** A measured server: its process, the address for its clients, and its feed. */
export interface FeedServer {
  readonly pid: number
  readonly port: number
  /** Of a bridge's metrics; null for a bare program. */
  readonly healthPort: number | null
  /** The kinds that its clients subscribe to; null for clients that send nothing. */
  readonly types: readonly string[] | null
  readonly topic: string
  readonly form: FeedProducerOptions['form']
  stop(): Promise<void>
}

/** The browser side alone, as operators would scale it: the other roles are not part of this path. */
export async function startEdge(context: BenchContext): Promise<FeedServer> {
  const node = await createNode(context)
  const { pid, stop } = await startBridge(node, { ROLES: 'edge' }, context)
  const { httpPort: port, healthPort } = node
  return { pid, port, healthPort, types: ['rejected-tx'], topic: node.topic('p2p-events'), form: 'event', stop }
}

/** A program of uWebSockets.js `publish` and kafkajs, and nothing else. */
export async function startBareFeed(context: BenchContext): Promise<FeedServer> {
  const [port = 0] = await freePorts(1)
  const topic = `bare-feed-${port}`
  await createTopics(connectKafka(context.kafka.brokers), [{ name: topic, partitions: 1, replication: -1, config: {} }])
  const options: BareFeedOptions = { brokers: context.kafka.brokers, topic, port }
  const program = await startProgram('bare-feed', options, context)
  await program.hear('ready')
  return { pid: program.pid, port, healthPort: null, types: null, topic, form: 'text', stop: program.stop }
}
