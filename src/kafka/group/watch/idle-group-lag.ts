import type { Admin } from 'kafkajs'
import type { Logger } from 'pino'
import { sleep, withDeadline } from '../../../lifecycle/time.ts'
import type { KafkaMetrics } from '../../../telemetry/kafka-metrics.ts'
import type { KafkaConnection } from '../../client/connection.ts'

export interface IdleGroupLagOptions {
  readonly groupId: string
  readonly topics: readonly string[]
  readonly everyMs?: number
}

export interface IdleGroupLagDeps {
  readonly kafka: Pick<KafkaConnection, 'withAdmin' | 'cluster'>
  readonly metrics: Pick<KafkaMetrics, 'groupLag'>
  /** Only one of several instances shows the lag; otherwise the sum over all would be wrong. */
  readonly isOurs: () => boolean
  readonly log: Logger
}

interface PartitionLag {
  readonly topic: string
  readonly partition: string
  readonly records: number
}

const EVERY_MS = 5000
const LOOK_DEADLINE_MS = 2000
const STOP_DEADLINE_MS = 4500

/** Shows the lag of a group without any member, which nobody else would report. */
export class IdleGroupLag {
  readonly #options: Required<IdleGroupLagOptions>
  readonly #deps: IdleGroupLagDeps
  #watching: AbortController | undefined
  #watch: Promise<void> = Promise.resolve()
  #shown: { group: string; topic: string; partition: string }[] = []

  constructor(options: IdleGroupLagOptions, deps: IdleGroupLagDeps) {
    this.#options = { everyMs: EVERY_MS, ...options }
    this.#deps = deps
  }

  start(): void {
    if (this.#watching) return
    const watching = new AbortController()
    this.#watching = watching
    this.#watch = this.#look(watching.signal)
  }

  /** Removes its metrics at once. Resolves when its connection to Kafka is closed. */
  async stop(): Promise<void> {
    this.#watching?.abort()
    this.#watching = undefined
    this.#show([])
    await withDeadline(this.#watch, STOP_DEADLINE_MS, 'ending a look at a group').catch(() => {})
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { groupId, topics, everyMs } = this.#options
    const { kafka, isOurs, log } = this.#deps
    while (!signal.aborted) {
      try {
        const states = isOurs() ? await kafka.withAdmin((admin) => partitionsOf(admin, groupId, topics), LOOK_DEADLINE_MS) : []
        if (signal.aborted) return
        this.#show(states.map(lagOf))
        await commitBeginnings(kafka, groupId, states)
      } catch (error) {
        log.debug({ err: error, group: groupId }, 'the lag of a group without members is not known')
      }
      await sleep(everyMs, signal)
    }
  }

  #show(lags: readonly PartitionLag[]): void {
    const { groupLag } = this.#deps.metrics
    for (const labels of this.#shown) groupLag.remove(labels)
    this.#shown = lags.map(({ topic, partition }) => ({ group: this.#options.groupId, topic, partition }))
    for (const [index, labels] of this.#shown.entries()) groupLag.set(labels, lags[index]?.records ?? 0)
  }
}

interface PartitionState {
  readonly topic: string
  readonly partition: number
  /** Undefined when the group has committed nothing yet. */
  readonly committed: bigint | undefined
  readonly low: bigint
  readonly high: bigint
}

/** Empty when the group has members: they report their own lag. */
async function partitionsOf(admin: Admin, groupId: string, topics: readonly string[]): Promise<PartitionState[]> {
  const { groups } = await admin.describeGroups([groupId])
  if (groups.some(({ state }) => state !== 'Empty' && state !== 'Dead')) return []
  const committed = await admin.fetchOffsets({ groupId, topics: [...topics] })
  const states = await Promise.all(
    topics.map(async (topic) => {
      const ofTopic = committed.find((one) => one.topic === topic)?.partitions ?? []
      return (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => {
        const offset = BigInt(ofTopic.find((one) => one.partition === partition)?.offset ?? -1)
        return { topic, partition, committed: offset < 0n ? undefined : offset, low: BigInt(low), high: BigInt(high) }
      })
    }),
  )
  return states.flat()
}

/** A group begins at the earliest offset, and continues there when its committed offset is no longer available. */
function lagOf({ topic, partition, committed = 0n, low, high }: PartitionState): PartitionLag {
  const from = committed > low ? committed : low
  return { topic, partition: `${partition}`, records: Number(high > from ? high - from : 0n) }
}

/**
 * Commits the beginning of partitions without an offset, because Kafka's own tool shows no lag without one. The coordinator accepts a
 * commit without a member only while the group is empty, so it cannot reset a member that has joined meanwhile.
 */
async function commitBeginnings(
  kafka: Pick<KafkaConnection, 'cluster'>,
  groupId: string,
  states: readonly PartitionState[],
): Promise<void> {
  const unknown = states.filter(({ committed }) => committed === undefined)
  if (unknown.length === 0) return
  const topics = [...new Set(unknown.map(({ topic }) => topic))].map((topic) => ({
    topic,
    partitions: unknown.flatMap((one) => (one.topic === topic ? [{ partition: one.partition, offset: `${one.low}` }] : [])),
  }))
  const cluster = kafka.cluster()
  const commit = async () => {
    await cluster.connect()
    const coordinator = await cluster.findGroupCoordinator({ groupId })
    await coordinator.offsetCommit({ groupId, groupGenerationId: -1, memberId: '', topics })
  }
  try {
    await withDeadline(commit(), LOOK_DEADLINE_MS, 'committing where a group begins')
  } finally {
    await withDeadline(cluster.disconnect(), LOOK_DEADLINE_MS, 'closing a connection').catch(() => {})
  }
}
