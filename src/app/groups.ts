import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Settings } from '../config/settings.ts'
import { isCommitOf } from '../events/entries/fingerprint.ts'
import { CommittedFollower } from '../events/following/committed-follower.ts'
import type { Pulse } from '../events/instances/pulse.ts'
import type { RecordHandler } from '../events/record-handler.ts'
import { deadLetters } from '../flows/dead-letters.ts'
import { logToValidation } from '../flows/log-to-validation.ts'
import type { KafkaConnection } from '../kafka/client/connection.ts'
import { createGroupConsumer, type GroupConsumer } from '../kafka/group/group-consumer.ts'
import type { Producer } from '../kafka/producer/producer.ts'
import { LaneFullError, ProducerStoppedError, RecordRefusedError } from '../kafka/producer/producer-errors.ts'
import { OffsetOutOfRangeError } from '../kafka/reader/partition-reader.ts'
import type { KafkaRecord } from '../kafka/record.ts'
import { type Health, KAFKA_PATIENCE } from '../lifecycle/health.ts'
import { RetryLaterError } from '../messages/errors.ts'
import type { GroupName, TopicRole } from '../messages/topics.ts'
import type { FlowMetrics } from '../telemetry/flow-metrics.ts'
import type { KafkaMetrics } from '../telemetry/kafka-metrics.ts'
import { createClockWatch } from './clocks.ts'
import type { LogReading } from './log-reading.ts'
import type { WireFormats } from './wire-formats.ts'

export interface GroupsDeps {
  readonly kafka: KafkaConnection
  readonly producer: Producer
  readonly formats: WireFormats
  readonly log: Logger
  readonly health: Health
  readonly kafkaMetrics: KafkaMetrics
  readonly metrics: FlowMetrics
  readonly pulse: Pulse
}

/** The flows of one group: a handler for each in-topic that it reads. */
export interface GroupFlow {
  readonly flow: string
  readonly handle: RecordHandler
}

const MAX_IN_FLIGHT = 200
const LETTER_LOG_EACH_MS = 1000

/** `<bridge_id>.log` or `<bridge_id>.gossip`. */
export function groupId(settings: Settings, name: GroupName): string {
  return `${settings.bridge_id}.${name}`
}

/** One of the bridge's consumer groups, with bad input on its way to the dead letters. */
export function createGroup(
  settings: Settings,
  options: {
    name: GroupName
    flows: Partial<Record<TopicRole, GroupFlow>>
    ownedTopics?: string[]
    maxInFlight?: number
    onAssignment?: (assigned: ReadonlyMap<string, readonly number[]>) => void
  },
  deps: GroupsDeps,
): GroupConsumer {
  const { formats, metrics } = deps
  // Both groups read the same records: one look at each is enough.
  const watchClock = options.name === 'log' ? createClockWatch(deps) : undefined
  const flowOf = new Map(Object.entries(options.flows).map(([role, flow]) => [formats.topics[role as TopicRole], flow]))
  return createGroupConsumer(
    {
      groupId: groupId(settings, options.name),
      topics: [...flowOf.keys()],
      ownedTopics: options.ownedTopics ?? [],
      sessionTimeoutMs: settings.kafka_session_timeout,
      maxInFlight: options.maxInFlight ?? MAX_IN_FLIGHT,
    },
    {
      kafka: deps.kafka,
      log: deps.log,
      metrics: deps.kafkaMetrics,
      health: deps.health.part(`group ${options.name}`, KAFKA_PATIENCE),
      handle: async (record: KafkaRecord) => {
        const found = flowOf.get(record.topic)
        if (found) metrics.records.inc({ flow: found.flow, outcome: await found.handle(record) })
        watchClock?.(record)
      },
      isTransient,
      deadLetter: createDeadLetter(settings, deps),
      ...(options.onAssignment ? { onAssignment: options.onAssignment } : {}),
    },
  )
}

/** Something outside is away: the record waits. */
function isTransient(error: unknown): boolean {
  return error instanceof RetryLaterError || error instanceof LaneFullError || error instanceof ProducerStoppedError
}

function createDeadLetter(settings: Settings, { producer, formats, metrics, log }: GroupsDeps) {
  const write = deadLetters(
    { bridgeId: settings.bridge_id, network: settings.network },
    {
      send: (record) => producer.send(formats.topics.deadLetters, record),
      isRefused: (error) => error instanceof RecordRefusedError,
      now: Date.now,
    },
  )
  let loggedAt = 0
  let unlogged = 0
  return async (record: KafkaRecord, error: unknown) => {
    const reason = await write(record, error)
    metrics.deadLetters.inc({ topic: record.topic, reason })
    unlogged += 1
    if (Date.now() - loggedAt < LETTER_LOG_EACH_MS) return
    const { topic, partition, offset } = record
    const level = reason === 'internal' ? 'error' : 'warn'
    log[level](
      { err: error, topic, partition, offset: offset.toString(), reason, records: unlogged },
      'bad record put into the dead letters',
    )
    loggedAt = Date.now()
    unlogged = 0
  }
}

/** What is repeated at most when the holder dies between effect and commit. */
const MAX_UNCOMMITTED = 200
const CHUNK_BYTES = 128 * 1024
/** Short beside the time in which a holder's end is noticed. */
const COMMIT_EACH_MS = 50

/** Looked up at each scrape, because topics that take nothing let it grow without a commit. Undefined where another instance follows. */
function showLag(
  labels: { group: string; topic: string; partition: string },
  { groupLag, onScrape }: KafkaMetrics,
  lag: () => number | undefined,
): void {
  onScrape(() => {
    const records = lag()
    if (records === undefined) groupLag.remove(labels)
    else groupLag.set(labels, Math.max(0, records))
  })
}

/** Kafka keeps the committed offset of a topic that is deleted when a commit was under way, and it means nothing in the next one. */
async function isOfThisLog({ next, metadata }: { next: bigint; metadata: string }, { recent, reader }: LogReading): Promise<boolean> {
  if (metadata === '' || next === 0n) return true
  try {
    const [found] = recent.from(next - 1n, 1) ?? (await reader.read(next - 1n, { maxBytes: CHUNK_BYTES })).records
    const isGone = found !== undefined && found.offset !== next - 1n // as an undecodable one: nothing speaks against the offset
    return isGone || isCommitOf(metadata, found)
  } catch (error) {
    if (error instanceof OffsetOutOfRangeError) return false
    throw error
  }
}

/** log-to-validation at the holder: a second reader of the log, from the group's committed offset. */
export function createValidationFollower(
  deps: GroupsDeps & { network: string; groupId: string; reading: LogReading; group: () => GroupConsumer },
): CommittedFollower {
  const { formats, producer, reading, metrics, pulse, log } = deps
  const topic = formats.topics.events
  const handle = logToValidation(
    { network: deps.network },
    {
      decode: formats.fromEventRecord,
      reached: (offset) => reading.seen.reached(offset),
      isFirst: (id, offset) => reading.seen.isFirst(id, offset),
      toValidation: formats.toValidationRecord,
      send: ({ topic: role, record }) => producer.send(formats.topics[role], record),
    },
  )
  const isOwner = () => deps.group().assigned().get(topic)?.includes(0) ?? false
  let committed: bigint | undefined
  showLag({ group: deps.groupId, topic, partition: '0' }, deps.kafkaMetrics, () =>
    committed === undefined || !isOwner() ? undefined : Number(reading.tail.position() - committed),
  )
  return new CommittedFollower(
    { maxUncommitted: MAX_UNCOMMITTED, commitEachMs: COMMIT_EACH_MS, idleMs: 1000, retryMs: 200 },
    {
      read: async (from) => {
        await reading.seen.reached(from)
        // Close behind the tail there is nothing to ask Kafka for: the records came by a moment ago.
        return reading.recent.from(from, MAX_UNCOMMITTED) ?? (await reading.reader.read(from, { maxBytes: CHUNK_BYTES })).records
      },
      oldest: async () => (await reading.reader.bounds()).low,
      committed: async () => {
        const found = await deps.group().committed(topic, 0)
        committed = found && (await isOfThisLog(found, reading)) ? found.next : undefined
        pulse.committed(committed ?? 0n)
        return committed
      },
      commit: async (next, proof) => {
        await deps.group().commit({ topic, partition: 0, next, metadata: proof })
        committed = next
        pulse.committed(next)
      },
      isOwner,
      mayHandle: () => deps.group().isCurrent(),
      handle: async (record) => {
        try {
          metrics.records.inc({ flow: 'log-to-validation', outcome: await handle(record) })
        } catch (error) {
          if (isTransient(error)) throw error
          metrics.records.inc({ flow: 'log-to-validation', outcome: 'failed' })
          log.error(
            { err: error, topic, offset: record.offset.toString() },
            'an entry of the log cannot be sent to validation and is passed over',
          )
        }
      },
      isOutOfRange: (error) => error instanceof OffsetOutOfRangeError,
      onError: (error) => log.debug({ err: error }, 'following the log for validation was interrupted'),
      wait: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
    },
  )
}
