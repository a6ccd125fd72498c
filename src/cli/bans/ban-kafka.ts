import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import { readPublishedBans } from '../../app/bans/published-bans.ts'
import type { BanChange } from '../../bans/ban.ts'
import type { PublishedBans } from '../../bans/published/read-ban-topic.ts'
import { kafkaOptions } from '../../config/kafka-options.ts'
import type { Settings } from '../../config/settings.ts'
import { topicNames } from '../../config/topic-names.ts'
import { fromEventRecord } from '../../events/entries/event-record.ts'
import { createKafka, type KafkaConnection } from '../../kafka/client/connection.ts'
import { createProducer } from '../../kafka/producer/producer.ts'
import { createPartitionReader, type PartitionReader, withPartitionReader } from '../../kafka/reader/partition-reader.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import { Health } from '../../lifecycle/health.ts'
import { createCodec } from '../../messages/codec/codec.ts'
import { BadInputError } from '../../messages/errors.ts'
import type { BanCommandValue } from '../../messages/topic-values.ts'
import type { TraceHeaders } from '../../messages/trace-context.ts'
import { createKafkaMetrics } from '../../telemetry/kafka-metrics.ts'
import { commandSchemas } from '../command-schemas.ts'
import { changeBans, type TopicView } from './ban-change.ts'

const FLUSH_MS = 500
/** Of the event log's end: the last offsets may be control markers, which are no records. */
const NEWEST_RECORDS = 20n

/** Gives one command and resolves with its effect, as a bridge reports it in the event log. */
export type GiveCommand = (command: BanCommandValue) => Promise<BanChange>

/** Connects to Kafka once for all commands that `work` gives, one after the other. */
export async function withBanCommands<T>(
  settings: Settings,
  timeoutMs: number,
  { log, trace }: { readonly log: Logger; readonly trace: TraceHeaders | undefined },
  work: (give: GiveCommand) => Promise<T>,
): Promise<T> {
  const topics = topicNames(settings)
  const schemas = await commandSchemas(settings, { writes: ['banCommands'] })
  const codec = createCodec({ encodings: { banCommands: settings.encoding_ban_commands } }, schemas)
  const kafka = createKafka(kafkaOptions(settings), { log })
  const health = new Health({ clock: SYSTEM_CLOCK })
  const producer = createProducer(
    { topics: [topics.banCommands], flushMs: FLUSH_MS },
    { clock: SYSTEM_CLOCK, kafka, log, metrics: createKafkaMetrics(new Registry()), health: health.part('producer') },
  )
  const [eventLog, commands] = [topics.events, topics.banCommands].map((topic) =>
    createPartitionReader({ topic, deadlineMs: timeoutMs }, { clock: SYSTEM_CLOCK, kafka, log }),
  ) as [PartitionReader, PartitionReader]
  const headers = {
    type: 'ban-command',
    schema: codec.schemaHeader('banCommands'),
    network: settings.network,
    'written-by': 'cli',
    'given-by': `cli at ${hostname()}`,
    'received-at': new Date().toISOString(),
    ...trace,
  }
  const give: GiveCommand = (command) =>
    changeBans(
      { timeoutMs, group: `${settings.bridge_id}.log` },
      {
        eventLog: viewOf(eventLog),
        commands: viewOf(commands),
        send: async (more) => {
          await producer.start()
          const record = { key: command.key || null, value: codec.encode('banCommands', command), headers: { ...headers, ...more } }
          return producer.send(topics.banCommands, record, { partition: 0 })
        },
        toChange: async (record) => {
          const event = await understood(() => schemas.whenKnown(() => fromEventRecord(record, codec)))
          return event?.type === 'ban' ? event.ban : undefined
        },
        sendTrouble: () => health.report().parts.find(({ ready }) => !ready)?.reason ?? 'Kafka has not acknowledged it in time',
      },
    )
  try {
    return await work(give)
  } finally {
    await Promise.all([producer.stop(), eventLog.stop(), commands.stop()])
    schemas.stop()
  }
}

function viewOf(reader: PartitionReader): TopicView {
  return { end: async () => (await reader.bounds()).high, read: (from) => reader.read(from) }
}

/** The list as last published in the compacted topic, without the database. `eventLogTime`: see InForceClocks. */
export async function readBans(
  settings: Settings,
  { log }: { log: Logger },
): Promise<{ published: PublishedBans; eventLogTime: number | undefined }> {
  const kafka = createKafka(kafkaOptions(settings), { log })
  const topics = topicNames(settings)
  const schemas = await commandSchemas(settings)
  try {
    const published = await readPublishedBans({ topic: topics.bans }, { kafka, codec: createCodec({}, schemas), log })
    return { published, eventLogTime: await newestTime(topics.events, { kafka, log }).catch(() => undefined) }
  } finally {
    schemas.stop()
  }
}

/** The event log's time, which may be some seconds old; undefined where it is unknown. */
export async function readEventLogTime(settings: Settings, { log }: { log: Logger }): Promise<number | undefined> {
  return newestTime(topicNames(settings).events, { kafka: createKafka(kafkaOptions(settings), { log }), log }).catch(() => undefined)
}

/** The broker's time of a topic's newest record. Undefined where there is none, or where producers stamp the records. */
function newestTime(topic: string, { kafka, log }: { kafka: KafkaConnection; log: Logger }): Promise<number | undefined> {
  return withPartitionReader({ topic }, { clock: SYSTEM_CLOCK, kafka, log }, async (reader) => {
    const { low, high } = await reader.bounds()
    const { records } = await reader.read(high - low > NEWEST_RECORDS ? high - NEWEST_RECORDS : low)
    const newest = records.at(-1)
    return newest?.isProducerTime ? undefined : newest?.timestamp
  })
}

/** Undefined for a record that is not an event. The bridge reports such records. */
async function understood<T>(decode: () => Promise<T>): Promise<T | undefined> {
  try {
    return await decode()
  } catch (error) {
    if (error instanceof BadInputError) return undefined
    throw error
  }
}
