import type { Logger } from 'pino'
import type { Settings } from '../config/settings.ts'
import { EventLog } from '../events/event-log.ts'
import { EventLogView } from '../events/event-log-view.ts'
import { Ownership } from '../events/instances/ownership.ts'
import type { AppendRecord, Membership } from '../events/ports.ts'
import { SchemaWait } from '../events/reading/schema-wait.ts'
import { LIVE_MS } from '../events/timings.ts'
import { eventLogTopic, TopicWatch } from '../events/topic-watch.ts'
import type { StateFilter } from '../events/writing/state-filter.ts'
import { inspectTopic } from '../kafka/admin/topics.ts'
import type { KafkaConnection } from '../kafka/client/connection.ts'
import type { Producer } from '../kafka/producer/producer.ts'
import { RecordRefusedError } from '../kafka/producer/producer-errors.ts'
import { createPartitionReader } from '../kafka/reader/partition-reader.ts'
import { OffsetOutOfRangeError } from '../kafka/reader/reading-retries.ts'
import { createTail } from '../kafka/reader/tail.ts'
import { SYSTEM_CLOCK } from '../lifecycle/clock.ts'
import { type Health, KAFKA_PATIENCE } from '../lifecycle/health.ts'
import { ANNOUNCEMENT_TYPES } from '../messages/announcement.ts'
import type { FlowMetrics } from '../telemetry/flow-metrics.ts'
import type { KafkaMetrics } from '../telemetry/kafka-metrics.ts'
import { isTransient } from './groups.ts'
import type { WireFormats } from './wire-formats.ts'

export interface EventLogViewParts {
  readonly kafka: KafkaConnection
  readonly formats: WireFormats
  readonly log: Logger
  readonly health: Health
  readonly metrics: FlowMetrics
  readonly kafkaMetrics: KafkaMetrics
}

/** Decoding so many takes a fifth of a second at the start. */
const SUBTREES_READ_BACK = 20_000

/** The event log as every instance reads it. */
export function createEventLogView(settings: Settings, parts: EventLogViewParts): EventLogView {
  const { kafka, formats, log, metrics } = parts
  const topic = formats.topics.events
  const health = parts.health.part('event log', KAFKA_PATIENCE)
  const { awaitedSchema } = formats
  const schemas = new SchemaWait({}, { awaitedSchema, health, metrics, log, clock: SYSTEM_CLOCK })
  const own = { bridgeId: settings.bridge_id, network: settings.network, dialect: settings.gossip_dialect }
  return new EventLogView(
    {
      instanceId: settings.instance_id,
      windowMs: settings.seen_window,
      maxIds: settings.seen_max_ids,
      subtreesReadBack: settings.banlist_db === '' ? 0 : SUBTREES_READ_BACK, // only scores need them
    },
    {
      openTail: schemas.tail((listener) =>
        createTail({ topic, liveMs: LIVE_MS }, { clock: SYSTEM_CLOCK, kafka, log, health, metrics: parts.kafkaMetrics, ...listener }),
      ),
      reader: schemas.reader(
        createPartitionReader(
          { topic },
          { clock: SYSTEM_CLOCK, kafka, log, onThrottled: (ms) => parts.kafkaMetrics.throttled.inc({ topic }, ms / 1000) },
        ),
      ),
      decode: formats.fromEventRecord,
      peek: formats.peekEventRecord,
      ownership: new Ownership(own, { health: parts.health.part('event log ownership'), log, clock: SYSTEM_CLOCK }),
      health,
      metrics,
      log,
      clock: SYSTEM_CLOCK,
    },
  )
}

/** Inspects the topic of the event log. */
export function createTopicWatch(
  settings: Settings,
  { kafka, formats, log, health }: Pick<EventLogViewParts, 'kafka' | 'formats' | 'log' | 'health'>,
): TopicWatch {
  const wanted = eventLogTopic(formats.topics.events)
  return new TopicWatch(
    { windowMs: settings.seen_window },
    { inspect: () => inspectTopic(kafka, wanted), health: health.part('event log topic'), log },
  )
}

/** The producer, for the one partition of the event log. */
export function appendTo(producer: Producer, topic: string): AppendRecord {
  return (record) => producer.send(topic, record, { partition: 0 })
}

export interface EventLogParts {
  readonly view: EventLogView
  readonly states: StateFilter
  readonly append: AppendRecord
  readonly membership: Membership
  readonly formats: WireFormats
  readonly log: Logger
  readonly metrics: FlowMetrics
}

/** The event log as a relay reads and writes it. */
export function createEventLog(settings: Settings, { view, states, append, membership, formats, log, metrics }: EventLogParts): EventLog {
  // Starts the counter at 0, so that Prometheus sees the first loss as an increase.
  for (const type of ANNOUNCEMENT_TYPES) metrics.pendingDropped.inc({ type }, 0)
  return new EventLog(
    {
      instanceId: settings.instance_id,
      pending: {
        maxEntries: settings.gossip_pending_max_messages,
        maxBytes: settings.gossip_pending_max_bytes,
        maxAgeMs: settings.gossip_pending_max_age,
      },
    },
    {
      view,
      states,
      append,
      membership,
      toRecord: formats.toEventRecord,
      isRefused: (error) => error instanceof RecordRefusedError,
      isTransient,
      isOutOfRange: (error) => error instanceof OffsetOutOfRangeError,
      metrics,
      log,
      clock: SYSTEM_CLOCK,
    },
  )
}
