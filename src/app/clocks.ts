import type { Logger } from 'pino'
import type { KafkaRecord } from '../kafka/record.ts'
import { clockWatch } from '../lifecycle/clock-watch.ts'
import type { FlowMetrics } from '../telemetry/flow-metrics.ts'

export interface ClocksDeps {
  readonly log: Logger
  readonly metrics: FlowMetrics
}

/** Looks at the timestamp of each record that it gets: one from the future is counted, and said once a minute. */
export function createClockWatch({ log, metrics }: ClocksDeps): (record: KafkaRecord) => void {
  return clockWatch(
    {},
    {
      count: (topic) => metrics.timestampsAhead.inc({ topic }),
      warn: ({ record: { topic, partition, offset }, aheadMs, records }) =>
        log.warn(
          { topic, partition, offset: offset.toString(), aheadSeconds: Math.round(aheadMs / 1000), records },
          'a timestamp is ahead of our clock: one of the two clocks is wrong',
        ),
      now: Date.now,
    },
  )
}
