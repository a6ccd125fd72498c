import type { Logger } from 'pino'
import type { Settings } from '../config/settings.ts'
import { deadLetters } from '../flows/dead-letters.ts'
import type { Producer } from '../kafka/producer/producer.ts'
import { RecordRefusedError } from '../kafka/producer/producer-errors.ts'
import type { KafkaRecord } from '../kafka/record.ts'
import { SYSTEM_CLOCK } from '../lifecycle/clock.ts'
import { RareLog } from '../lifecycle/rare-log.ts'
import type { FlowMetrics } from '../telemetry/flow-metrics.ts'
import type { WireFormats } from './wire-formats.ts'

export interface DeadLettersDeps {
  readonly producer: Producer
  readonly formats: WireFormats
  readonly metrics: FlowMetrics
  readonly log: Logger
}

export interface DeadLetters {
  /** Resolves when the dead letter is acknowledged. */
  write(record: KafkaRecord, error: unknown): Promise<void>
  stop(): void
}

/** Writes the bad records of both groups to the dead letters, counted and logged. */
export function createDeadLetters(settings: Settings, { producer, formats, metrics, log }: DeadLettersDeps): DeadLetters {
  const write = deadLetters(
    { bridgeId: settings.bridge_id, network: settings.network },
    {
      send: (record) => producer.send(formats.topics.deadLetters, record),
      isRefused: (error) => error instanceof RecordRefusedError,
      now: SYSTEM_CLOCK.wall,
    },
  )
  const written = new RareLog<{ record: KafkaRecord; error: unknown }>(
    {},
    {
      say: (records, { record: { topic, partition, offset }, error }) =>
        log[records.internal ? 'error' : 'warn'](
          { err: error, topic, partition, offset: offset.toString(), records },
          'bad record put into the dead letters',
        ),
    },
  )
  return {
    async write(record, error) {
      const reason = await write(record, error)
      metrics.deadLetters.inc({ topic: record.topic, reason })
      written.count(reason, { record, error })
    },
    stop: () => written.stop(),
  }
}
