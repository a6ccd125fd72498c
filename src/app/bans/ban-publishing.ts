import type { Logger } from 'pino'
import type { Settings } from '../../config/settings.ts'
import type { EventLog } from '../../events/event-log.ts'
import type { Membership } from '../../events/ports.ts'
import { BansToLog } from '../../flows/bans-to-log.ts'
import { KeepBanTopic } from '../../flows/keep-ban-topic.ts'
import { type PublishedBansWriter, writePublishedBans } from '../../flows/write-published-bans.ts'
import type { KafkaConnection } from '../../kafka/client/connection.ts'
import type { Producer } from '../../kafka/producer/producer.ts'
import { withPartitionReader } from '../../kafka/reader/partition-reader.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import { RareLog } from '../../lifecycle/rare-log.ts'
import type { Stops } from '../../lifecycle/stops.ts'
import type { BansMetrics } from '../../telemetry/bans-metrics.ts'
import type { WireFormats } from '../wire-formats.ts'
import type { BanListPart } from './ban-list.ts'
import { readPublishedBans } from './published-bans.ts'

const TROUBLE_EACH_MS = 10_000

export interface BanPublishingDeps {
  readonly eventLog: EventLog
  readonly membership: Pick<Membership, 'onAssignment'>
  readonly producer: Producer
  readonly formats: WireFormats
  readonly banList: BanListPart
  readonly kafka: KafkaConnection
  readonly bansMetrics: BansMetrics
  readonly log: Logger
  readonly stops: Stops
}

/** The primary's part that publishes changes of the ban list to the event log and to the topic of current bans. */
export function createBanPublishing(settings: Settings, deps: BanPublishingDeps): BansToLog {
  const { eventLog, membership, banList, bansMetrics, log } = deps
  const trouble = new RareLog<unknown>(
    { everyMs: TROUBLE_EACH_MS },
    { say: (_, err) => log.warn({ err }, 'changes of the ban list could not be published and are tried again') },
  )
  deps.stops.add('warnings of ban publishing', () => trouble.stop())
  const writer = createWriter(settings, deps)
  const keeper = createKeeper(deps, writer)
  return new BansToLog(
    { network: settings.network, bridgeId: settings.bridge_id },
    {
      // Without a database each instance has its own outbox, which no other instance can empty.
      mayPublish: () => !banList.shared || eventLog.isPrimary(),
      onNews: (listener) => {
        const undoBans = banList.bans.onChange(listener)
        const undoAssignment = membership.onAssignment(listener)
        return () => {
          undoBans()
          undoAssignment()
        }
      },
      pending: (limit) => banList.outbox.pending(limit),
      markPublished: (revisions) => banList.outbox.markPublished(revisions),
      append: (event) => eventLog.append(event),
      writeBan: (key, ban, revision) => (keeper ? keeper.write(key, ban, revision) : writer.write(key, ban, undefined)),
      keepTopic: keeper && ((isNew) => keeper.check({ isNew })),
      onPublished: (count) => bansMetrics.published.inc(count),
      onError: (error) => {
        bansMetrics.publishErrors.inc()
        trouble.count('publish', error)
      },
      now: SYSTEM_CLOCK.wall,
    },
  )
}

function createWriter(settings: Settings, { formats, producer }: BanPublishingDeps): PublishedBansWriter {
  const { topics, codec } = formats
  return writePublishedBans(
    { network: settings.network, bridgeId: settings.bridge_id, schema: codec.schemaHeader('bans') },
    {
      encode: (ban) => codec.encode('bans', ban),
      send: (record) => producer.send(topics.bans, record),
      now: SYSTEM_CLOCK.wall,
    },
  )
}

function createKeeper({ formats, kafka, banList, log }: BanPublishingDeps, writer: PublishedBansWriter): KeepBanTopic | undefined {
  const { shared } = banList
  if (!shared) return undefined
  const topic = formats.topics.bans
  return new KeepBanTopic({
    clock: SYSTEM_CLOCK,
    load: shared.load,
    standing: () => shared.outbox.standing(),
    raiseRevision: (revision) => shared.outbox.raiseRevision(revision),
    readTopic: () => readPublishedBans({ topic }, { kafka, codec: formats.codec, log }),
    bounds: () => withPartitionReader({ topic }, { clock: SYSTEM_CLOCK, kafka, log }, (reader) => reader.bounds()),
    writer,
    onRepaired: (records) =>
      log.warn({ topic, records }, 'the topic of current bans was incomplete or wrong: filled again from the ban store'),
  })
}
