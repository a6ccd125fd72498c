import type { Broker, Cluster } from 'kafkajs'
import type { Clock } from '../../lifecycle/clock.ts'
import { withDeadline } from '../../lifecycle/time.ts'
import type { KafkaConnection } from './connection.ts'
import { throttledMs, withDeadlineUnlessThrottled } from './throttle.ts'

export interface TopicLinkOptions {
  readonly topic: string
}

export interface TopicLinkDeps {
  readonly kafka: KafkaConnection
  /** True shortly after a freeze of this process: then a late answer says nothing about the broker. */
  readonly wasFrozen?: () => boolean
  readonly clock: Pick<Clock, 'steady'>
}

export interface Leader {
  readonly nodeId: number
  readonly broker: Broker
}

/** The partition has no leader now, or its leader does not answer. */
export class NoLeaderError extends Error {
  override readonly name: string = 'NoLeaderError'
  readonly code = 'BRIDGE_NO_LEADER'
}

/** The topic exists, but has no such partition: it was deleted and created again with fewer. */
export class NoPartitionError extends NoLeaderError {
  override readonly name = 'NoPartitionError'
}

/** True for an error with a NoPartitionError as its cause too. */
export function isPartitionGone(error: unknown): boolean {
  return error instanceof NoPartitionError || (error instanceof Error && error.cause instanceof NoPartitionError)
}

/** How long to avoid a broker that did not answer: a frozen broker keeps its connections open while another one takes over. */
const AVOID_MS = 5000
const METADATA_MAX_AGE_MS = 60_000
const CALL_DEADLINE_MS = 12_000
const CLOSE_DEADLINE_MS = 1000

/**
 * Separate connections to the leaders of one topic. One link per topic rather than one for all, because kafkajs fails a whole metadata
 * request when one of its topics is missing, and because requests on one connection wait for each other at the broker.
 */
export class TopicLink {
  readonly topic: string
  readonly #cluster: Cluster
  readonly #wasFrozen: () => boolean
  readonly #clock: Pick<Clock, 'steady'>
  /** Partitions whose leader must be looked up again. */
  readonly #stale = new Set<number>()
  readonly #avoidUntil = new Map<number, number>()
  #partitions = 0
  #isClosed = false
  #loadedAt: number | undefined
  #loading: Promise<void> | undefined

  constructor({ topic }: TopicLinkOptions, { kafka, wasFrozen = () => false, clock }: TopicLinkDeps) {
    this.topic = topic
    this.#cluster = kafka.cluster()
    this.#wasFrozen = wasFrozen
    this.#clock = clock
  }

  /** Rejects while the topic is missing or no broker answers. */
  async partitionCount(): Promise<number> {
    await this.#fresh()
    return this.#partitions
  }

  /** Result of the last look-up, at most a minute old while there is traffic; 0 before the first one. */
  get knownPartitions(): number {
    return this.#partitions
  }

  /** The leader of this partition. Rejects while none exists. */
  async leader(partition: number): Promise<Leader> {
    if (this.#isClosed) throw new NoLeaderError(`the connections to the leaders of ${this.topic} are closed`)
    await this.#fresh(partition)
    const found = this.#cluster.findTopicPartitionMetadata(this.topic).find((each) => each.partitionId === partition)
    if (!found) {
      this.#stale.add(partition)
      throw new NoPartitionError(`topic ${this.topic} has no partition ${partition}, but ${this.#partitions} partitions`)
    }
    const nodeId = found.leader
    if (nodeId < 0 || this.#isAvoided(nodeId)) {
      this.#stale.add(partition)
      throw new NoLeaderError(`partition ${this.topic}:${partition} has no leader that answers`)
    }
    const connected = connectedBroker(this.#cluster, nodeId)
    const connecting = () => this.#inTime(this.#cluster.findBroker({ nodeId: String(nodeId) }), `connecting to broker ${nodeId}`)
    return { nodeId, broker: connected ?? (await connecting()) }
  }

  /** Reports a failed request, so that the next one goes to the leader of that moment. */
  failed(partition: number, error: unknown, leader?: Leader): void {
    this.#stale.add(partition)
    const address = brokerAddress(error)
    if (!address) return
    this.#cluster.removeBroker(address)
    // Not awaited: kafkajs waits for outstanding answers, and a frozen broker sends none.
    leader?.broker.disconnect().catch(() => {})
    if (isTimeout(error) && leader && !this.#wasFrozen()) this.#avoidUntil.set(leader.nodeId, this.#clock.steady() + AVOID_MS)
  }

  /** Closes the connections to the topic's leaders, which a throttled leader does not read for a while; the next request opens new ones. */
  async reconnect(): Promise<void> {
    const leaders = new Set(this.#cluster.findTopicPartitionMetadata(this.topic).map(({ leader }) => leader))
    const close = async (nodeId: number) => (await this.#cluster.findBroker({ nodeId: String(nodeId) })).disconnect()
    const closing = Promise.all([...leaders].filter((nodeId) => nodeId >= 0).map(close))
    await withDeadline(closing, CLOSE_DEADLINE_MS, 'closing connections').catch(() => {}) // the next request reports what is wrong
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#disconnect()
  }

  async #disconnect(): Promise<void> {
    await withDeadline(this.#cluster.disconnect(), CLOSE_DEADLINE_MS, 'closing connections').catch(() => {})
  }

  async #fresh(partition?: number): Promise<void> {
    const isOld = this.#loadedAt === undefined || this.#clock.steady() - this.#loadedAt > METADATA_MAX_AGE_MS
    if (!isOld && (partition === undefined || !this.#stale.has(partition))) return
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined
    })
    await this.#loading
  }

  async #load(): Promise<void> {
    const refresh = async () => {
      await this.#cluster.connect()
      await this.#cluster.addTargetTopic(this.topic) // asks only the first time
      await this.#cluster.refreshMetadata()
    }
    await this.#inTime(refresh(), `looking up the leaders of ${this.topic}`)
    this.#partitions = this.#cluster.findTopicPartitionMetadata(this.topic).length
    this.#loadedAt = this.#clock.steady()
    this.#stale.clear()
  }

  async #inTime<T>(work: Promise<T>, what: string): Promise<T> {
    const step = work.finally(() => (this.#isClosed ? this.#disconnect() : undefined)) // kafkajs continues to connect after a disconnect
    return withDeadlineUnlessThrottled(step, { ms: CALL_DEADLINE_MS, what, throttledMs: () => throttledMs(this.#cluster) })
  }

  #isAvoided(nodeId: number): boolean {
    return (this.#avoidUntil.get(nodeId) ?? 0) > this.#clock.steady()
  }
}

/** What `findBroker` of kafkajs 2.2.4 gives without a wait: no deadline is needed for it, and there is one such look for each request. */
function connectedBroker(cluster: Cluster, nodeId: number): Broker | undefined {
  const { brokerPool } = cluster as Cluster & { brokerPool: { brokers: Readonly<Record<string, Broker & { isConnected(): boolean }>> } }
  const known = brokerPool.brokers[nodeId]
  return known?.isConnected() ? known : undefined
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'KafkaJSRequestTimeoutError'
}

/** The broker whose connection is no longer usable. kafkajs names it in two ways. */
function brokerAddress(error: unknown): { host: string; port: number } | undefined {
  if (!(error instanceof Error)) return undefined
  const { broker, host, port } = error as { broker?: unknown; host?: unknown; port?: unknown }
  if (typeof host === 'string' && typeof port === 'number') return { host, port }
  if (typeof broker !== 'string') return undefined
  const colon = broker.lastIndexOf(':')
  return { host: broker.slice(0, colon), port: Number(broker.slice(colon + 1)) }
}
