import type { Logger } from 'pino'
import type { Settings } from '../config/settings.ts'
import type { RecordHandler } from '../events/ports.ts'
import { GossipStoppedError, OutboundFullError } from '../gossip/errors.ts'
import type { KafkaConnection } from '../kafka/client/connection.ts'
import { createGroupConsumer, type GroupConsumer } from '../kafka/group/group-consumer.ts'
import { LaneFullError, ProducerStoppedError } from '../kafka/producer/producer-errors.ts'
import type { KafkaRecord } from '../kafka/record.ts'
import { SYSTEM_CLOCK } from '../lifecycle/clock.ts'
import { createClockWatch } from '../lifecycle/clock-watch.ts'
import { type Health, KAFKA_PATIENCE } from '../lifecycle/health.ts'
import { RetryLaterError } from '../messages/errors.ts'
import { type GroupName, groupTopics, type TopicRole } from '../messages/topics.ts'
import { isInvalidTrace } from '../messages/trace-context.ts'
import type { FlowMetrics } from '../telemetry/flow-metrics.ts'
import type { KafkaMetrics } from '../telemetry/kafka-metrics.ts'
import { tracedHandler } from '../tracing/traced-handler.ts'
import type { Tracer } from '../tracing/tracer.ts'
import type { DeadLetters } from './dead-letters.ts'
import { eventIdOf } from './tracing/event-id-of.ts'
import type { WireFormats } from './wire-formats.ts'

export interface GroupsDeps {
  readonly kafka: KafkaConnection
  readonly formats: WireFormats
  readonly log: Logger
  readonly health: Health
  readonly kafkaMetrics: KafkaMetrics
  readonly metrics: FlowMetrics
  readonly deadLetters: Pick<DeadLetters, 'write'>
  /** True while nothing flows through the event log; never by default. */
  readonly isQuiet?: (() => boolean) | undefined
  /** Undefined while nothing is traced. */
  readonly tracer?: Tracer | undefined
}

/** The flows of one group: a handler for each in-topic that it reads. */
export interface GroupFlow {
  readonly flow: string
  readonly handle: RecordHandler
}

const MAX_IN_FLIGHT = 200

/** `<bridge_id>.log` or `<bridge_id>.gossip`. */
export function groupId(settings: Settings, name: GroupName): string {
  return `${settings.bridge_id}.${name}`
}

/** One of the bridge's consumer groups. Bad input goes to the dead letters. */
export function createGroup(
  settings: Settings,
  options: {
    name: GroupName
    flows: Partial<Record<TopicRole, GroupFlow>>
    ownedTopics?: string[]
    /** Topics whose records are handled one after the other. */
    serialTopics?: string[]
    /** How far apart reads of a broker begin under load. */
    pollsApartMs?: number
    onAssignment?: (assigned: ReadonlyMap<string, readonly number[]>) => void
  },
  deps: GroupsDeps,
): GroupConsumer {
  const { formats, metrics } = deps
  // Both groups read the same records, so one of them checks the timestamps and the trace contexts.
  const watchClock =
    options.name === 'log'
      ? createClockWatch({ clock: SYSTEM_CLOCK, log: deps.log, count: (topic) => metrics.timestampsAhead.inc({ topic }) })
      : undefined
  const { tracer } = deps
  const traced = (handle: RecordHandler) =>
    tracer
      ? tracedHandler({ groupId: groupId(settings, options.name) }, handle, { tracer, isTransient, sourceOf: eventIdOf(settings, formats) })
      : handle
  const flowOf = new Map(
    Object.entries(options.flows).map(([role, flow]) => [
      formats.topics[role as TopicRole],
      { flow: flow.flow, handle: traced(flow.handle) },
    ]),
  )
  return createGroupConsumer(
    {
      groupId: groupId(settings, options.name),
      topics: [...flowOf.keys()],
      ownedTopics: options.ownedTopics ?? [],
      sessionTimeoutMs: settings.kafka_session_timeout,
      serialTopics: options.serialTopics ?? [],
      pollsApartMs: options.pollsApartMs,
      maxInFlight: MAX_IN_FLIGHT,
    },
    {
      clock: SYSTEM_CLOCK,
      kafka: deps.kafka,
      log: deps.log,
      metrics: deps.kafkaMetrics,
      health: deps.health.part(`group ${options.name}`, KAFKA_PATIENCE),
      handle: async (record: KafkaRecord) => {
        const found = flowOf.get(record.topic)
        if (found) metrics.records.inc({ flow: found.flow, outcome: await found.handle(record) })
        watchClock?.(record)
        if (watchClock && isInvalidTrace(record)) metrics.invalidTraces.inc({ topic: record.topic })
      },
      isTransient,
      isQuiet: deps.isQuiet,
      deadLetter: (record, error) => deps.deadLetters.write(record, error),
      ...(options.onAssignment ? { onAssignment: options.onAssignment } : {}),
    },
  )
}

/** The failures that pass: the record waits, and its handler is called again. */
const TRANSIENT = [RetryLaterError, LaneFullError, ProducerStoppedError, OutboundFullError, GossipStoppedError]

export function isTransient(error: unknown): boolean {
  return TRANSIENT.some((kind) => error instanceof kind)
}

/** The bridge's own groups with their topics. */
export function ownGroups(settings: Settings, { topics }: WireFormats): { groupId: string; topics: string[] }[] {
  const topicsOf = (group: GroupName) => groupTopics(group).map((role) => topics[role])
  return [
    { groupId: groupId(settings, 'log'), topics: [...topicsOf('log'), topics.events] },
    { groupId: groupId(settings, 'gossip'), topics: topicsOf('gossip') },
  ]
}
