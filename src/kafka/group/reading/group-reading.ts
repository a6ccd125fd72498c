import type { Logger } from 'pino'
import type { Clock } from '../../../lifecycle/clock.ts'
import type { KafkaMetrics } from '../../../telemetry/kafka-metrics.ts'
import type { KafkaConnection } from '../../client/connection.ts'
import { partitionError } from '../../client/fetch-request.ts'
import { isOutOfRange, PartitionLink } from '../../client/partition-link.ts'
import { sendRequest } from '../../client/raw-request.ts'
import { type Leader, TopicLink } from '../../client/topic-link.ts'
import { ReaderRemarks } from '../../reader/reader-remarks.ts'
import type { KafkaRecord } from '../../record.ts'
import { FETCH } from '../../wire/api/fetch.ts'
import type { FetchedPartition } from '../../wire/fetched-partition.ts'
import { AssignedPartition } from '../assigned-partition.ts'
import type { GroupHealth } from '../group-health.ts'
import { readCommitMetadata } from '../membership/commit-metadata.ts'
import type { CommittedOffset } from '../membership/group-offsets.ts'
import type { PartitionWorkerDeps } from '../partition-worker.ts'
import { BrokerPolls, type PollRequest } from './broker-polls.ts'
import { PartitionFeed } from './partition-feed.ts'
import { PartitionLag } from './partition-lag.ts'
import { PartitionReport } from './partition-report.ts'

export interface GroupReadingOptions {
  readonly groupId: string
  readonly topics: readonly string[]
  readonly serialTopics?: readonly string[]
  readonly maxInFlight: number
  readonly pollsApartMs?: number | undefined
}

export interface GroupReadingDeps {
  readonly kafka: KafkaConnection
  readonly log: Logger
  readonly metrics: KafkaMetrics
  readonly clock: Pick<Clock, 'steady'>
  readonly health: GroupHealth
  readonly handle: (record: KafkaRecord) => Promise<void>
  readonly isTransient: (error: unknown) => boolean
  readonly deadLetter: (record: KafkaRecord, error: unknown) => Promise<void>
  readonly mayStart: () => boolean
  /** An offset may have become committable. */
  readonly onDone: () => void
}

/** Small, so that one partition with a large backlog does not delay the others of its broker. */
const BYTES_PER_PARTITION = 256 << 10
const BYTES_PER_POLL = 4 << 20

type Place = { readonly topic: string; readonly partition: number }

/** Reads the partitions that a group has assigned to this member, over its own connections. */
export class GroupReading {
  readonly #options: GroupReadingOptions
  readonly #deps: GroupReadingDeps
  readonly #links: ReadonlyMap<string, TopicLink>
  readonly #polls: BrokerPolls<FetchedPartition>
  readonly #remarks: ReaderRemarks
  readonly #reports = new Map<AssignedPartition, PartitionReport>()

  constructor(options: GroupReadingOptions, deps: GroupReadingDeps) {
    this.#options = options
    this.#deps = deps
    this.#links = new Map(options.topics.map((topic) => [topic, new TopicLink({ topic }, deps)]))
    this.#remarks = new ReaderRemarks({ group: options.groupId }, deps)
    this.#polls = new BrokerPolls(
      { apartMs: options.pollsApartMs },
      {
        fetch: pollBroker,
        isHurried: () => [...this.#reports.keys()].some((partition) => partition.isFull()),
        clock: deps.clock,
      },
    )
  }

  /** Begins to read a partition at the committed offset, or at its oldest record. */
  open(place: Place, from: CommittedOffset | undefined, predecessor: Promise<void> | undefined): AssignedPartition {
    const { groupId, serialTopics = [], maxInFlight } = this.#options
    const { kafka, onDone } = this.#deps
    const report = new PartitionReport({ groupId, ...place, brokers: kafka.brokers }, this.#deps)
    const opened: AssignedPartition = new AssignedPartition(
      { ...place, maxInFlight: serialTopics.includes(place.topic) ? 1 : maxInFlight },
      {
        lag: new PartitionLag({ groupId, ...place }, this.#deps),
        worker: this.#workerDeps(report, () => opened.handled()),
        ...(predecessor && { predecessor }),
        onDone,
      },
    )
    this.#reports.set(opened, report)
    opened.read(this.#feed(place, from, opened, report))
    return opened
  }

  /** The partition is no longer assigned here. */
  closed(partition: AssignedPartition): void {
    partition.lag.remove()
    this.#remarks.forget(partition.topic, partition.partition)
    this.#reports.get(partition)?.end()
    this.#reports.delete(partition)
  }

  async close(): Promise<void> {
    this.#polls.close()
    this.#remarks.stop()
    await Promise.all([...this.#links.values()].map((link) => link.close()))
  }

  #workerDeps(report: PartitionReport, onHandled: () => void): PartitionWorkerDeps {
    const { handle, deadLetter, isTransient, mayStart, metrics } = this.#deps
    const { groupId } = this.#options
    return {
      handle,
      deadLetter,
      isTransient,
      mayStart,
      onOutcome: ({ topic }, outcome) => {
        metrics.groupRecords.inc({ group: groupId, topic, outcome })
        onHandled()
      },
      onWait: (wait) => report.waits(wait),
    }
  }

  #feed(place: Place, from: CommittedOffset | undefined, into: AssignedPartition, report: PartitionReport): PartitionFeed {
    const { topic, partition } = place
    const link = this.#links.get(topic) as TopicLink
    const known = from && { next: from.next, ...readCommitMetadata(from.metadata) }
    return new PartitionFeed(
      { ...place, from: known },
      {
        polls: this.#polls,
        link: new PartitionLink(place, { link }),
        leader: () => link.leader(partition),
        failed: (error, leader) => link.failed(partition, error, leader),
        errorOf: partitionError,
        isOutOfRange,
        hasRoom: () => into.hasRoom(),
        onStart: (offset) => into.begin(offset),
        onFetched: (fetched, position) => this.#take(fetched, () => into.take(fetched, position)),
        onMove: (move) => {
          report.moved(move)
          if (move.reason === 'expired') into.skipTo(move.next)
          else into.begin(move.next)
        },
        onTrouble: (error) => report.trouble(error),
        onThrottled: (ms) => {
          this.#remarks.throttled(topic, ms)
          this.#deps.health.remark(this.#remarks.text())
        },
      },
    )
  }

  #take(fetched: FetchedPartition, take: () => void): void {
    const { groupId } = this.#options
    const { metrics, health } = this.#deps
    for (const { records } of fetched.undecodable)
      metrics.groupRecords.inc({ group: groupId, topic: fetched.topic, outcome: 'undecodable' }, records)
    take()
    this.#remarks.answered(fetched)
    health.remark(this.#remarks.text())
  }
}

async function pollBroker({ broker }: Leader, requests: readonly PollRequest[], maxWaitMs: number) {
  const partitions = requests.map((request) => ({ ...request, maxBytes: BYTES_PER_PARTITION }))
  const { throttledMs, answer } = await sendRequest(broker, FETCH, { partitions, maxWaitMs, maxBytes: BYTES_PER_POLL })
  return { throttledMs, partitions: answer }
}
