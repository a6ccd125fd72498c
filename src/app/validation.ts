import type { Settings } from '../config/settings.ts'
import type { EventLog } from '../events/event-log.ts'
import type { EventLogView } from '../events/event-log-view.ts'
import type { Pulse } from '../events/instances/pulse.ts'
import type { Membership } from '../events/ports.ts'
import { logToValidation } from '../flows/log-to-validation.ts'
import type { Producer } from '../kafka/producer/producer.ts'
import type { KafkaMetrics } from '../telemetry/kafka-metrics.ts'
import { tracedHandler } from '../tracing/traced-handler.ts'
import type { Tracer } from '../tracing/tracer.ts'
import { groupId, isTransient } from './groups.ts'
import type { WireFormats } from './wire-formats.ts'

export interface ValidationDeps {
  readonly eventLog: EventLog
  readonly view: EventLogView
  readonly membership: Membership
  readonly producer: Producer
  readonly formats: WireFormats
  readonly pulse: Pulse
  readonly kafkaMetrics: KafkaMetrics
  /** Undefined while nothing is traced. */
  readonly tracer?: Tracer | undefined
}

/** log-to-validation at the primary, with its lag in the metrics and its station in the pulse. */
export function followForValidation(settings: Settings, deps: ValidationDeps): { stop(): Promise<void> } {
  const { eventLog, view, membership, producer, formats, pulse, kafkaMetrics, tracer } = deps
  const handle = logToValidation(
    { network: settings.network },
    {
      decode: formats.fromEventRecord,
      isFirst: (id, offset) => view.isFirst(id, offset),
      toValidation: formats.toValidationRecord,
      send: ({ topic, record }) => producer.send(formats.topics[topic], record),
    },
  )
  const group = groupId(settings, 'log')
  const follower = eventLog.follow(tracer ? tracedHandler({ groupId: group }, handle, { tracer, isTransient }) : handle)
  const labels = { group, topic: formats.topics.events, partition: '0' }
  kafkaMetrics.onScrape(() => {
    const lag = follower.lag()
    if (lag === undefined) kafkaMetrics.groupLag.remove(labels)
    else kafkaMetrics.groupLag.set(labels, lag)
  })
  pulse.followValidation(follower, membership)
  return follower
}
