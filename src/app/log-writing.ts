import type { Logger } from 'pino'
import type { Settings } from '../config/settings.ts'
import { instanceId } from '../events/entries/event-id.ts'
import { InstanceAnnouncer } from '../events/instances/announce-instance.ts'
import type { Pulse } from '../events/instances/pulse.ts'
import { LogWriter } from '../events/writing/announcement-writer.ts'
import { rank } from '../events/writing/rank.ts'
import type { Producer } from '../kafka/producer/producer.ts'
import { RecordRefusedError } from '../kafka/producer/producer-errors.ts'
import type { OutgoingRecord } from '../kafka/record.ts'
import { RareLog } from '../lifecycle/rare-log.ts'
import { ANNOUNCEMENT_TYPES } from '../messages/announcement.ts'
import type { FlowMetrics } from '../telemetry/flow-metrics.ts'
import type { LogReading } from './log-reading.ts'
import type { WireFormats } from './wire-formats.ts'

const INSTANCE_RECORD_EACH_MS = 60_000
const RING_LOSS = 'announcements fall out of the full ring and are lost to this bridge: Kafka has taken none for too long'

export interface LogWritingDeps {
  readonly producer: Producer
  readonly formats: WireFormats
  readonly reading: LogReading
  readonly isHolder: () => boolean
  readonly log: Logger
  readonly metrics: FlowMetrics
}

/** The way of accepted announcements into the log. */
export function createLogWriter(settings: Settings, deps: LogWritingDeps): { writer: LogWriter; stop(): Promise<void> } {
  const { producer, formats, reading, metrics, isHolder } = deps
  const lost = new RareLog({}, { say: (records) => deps.log.error({ records }, RING_LOSS) })
  for (const type of ANNOUNCEMENT_TYPES) metrics.ringDropped.inc({ type }, 0) // so that its first loss is an increase for Prometheus
  const writer = new LogWriter(
    {
      maxEntries: settings.gossip_ring_max_messages,
      maxBytes: settings.gossip_ring_max_bytes,
      maxAgeMs: settings.gossip_ring_max_age,
    },
    {
      write: (record) => write(producer, formats.topics.events, record),
      isHolder,
      tailIsLive: () => reading.tail.isLive(),
      rank: (id) => rank(id, { instanceId: settings.instance_id, live: reading.siblings.live() }),
      onWritten: (latencyMs, takenOver) => metrics.logWriteSeconds.observe({ taken_over: takenOver ? '1' : '0' }, latencyMs / 1000),
      onDropped: ({ headers: { type = 'unknown' } }) => {
        metrics.ringDropped.inc({ type })
        lost.count(type)
      },
      onWriteError: (error) => deps.log.debug({ err: error }, 'writing to the log failed, it is tried again'),
    },
  )
  reading.setCameBy((id) => writer.cameBy(id))
  return {
    writer,
    async stop() {
      await writer.stop()
      lost.stop()
    },
  }
}

async function write(producer: Producer, topic: string, record: OutgoingRecord): Promise<'acknowledged' | 'refused'> {
  try {
    await producer.send(topic, record, { partition: 0 })
    return 'acknowledged'
  } catch (error) {
    if (error instanceof RecordRefusedError) return 'refused'
    throw error
  }
}

/** The instance's own records in the log. */
export function createAnnouncer(
  settings: Settings,
  { version, peerId }: { version: string; peerId: string | null },
  { producer, formats, pulse, log }: Pick<LogWritingDeps, 'producer' | 'formats' | 'log'> & { readonly pulse: Pulse },
): InstanceAnnouncer {
  const { network, bridge_id: bridgeId, instance_id, gossip_dialect: dialect } = settings
  return new InstanceAnnouncer(
    { network, bridgeId, instanceId: instance_id, version, dialect, everyMs: INSTANCE_RECORD_EACH_MS },
    {
      peerId: () => peerId,
      eventId: (record) => instanceId(network, bridgeId, record),
      toRecord: formats.toEventRecord,
      send: async (record) => {
        const id = String(record.key)
        pulse.began(id)
        await producer.send(formats.topics.events, record, { partition: 0 })
        pulse.passed('log', id)
      },
      onError: (error) => log.debug({ err: error }, 'the instance record was not written'),
      now: Date.now,
    },
  )
}
