import type { Logger } from 'pino'
import type { Bans } from '../bans/bans.ts'
import type { Settings } from '../config/settings.ts'
import type { EventLog } from '../events/event-log.ts'
import type { Membership } from '../events/ports.ts'
import { BansToLog } from '../flows/bans-to-log.ts'
import type { Producer } from '../kafka/producer/producer.ts'
import { SYSTEM_CLOCK } from '../lifecycle/clock.ts'
import type { BansMetrics } from '../telemetry/bans-metrics.ts'
import type { BanListPart } from './ban-list.ts'
import type { WireFormats } from './wire-formats.ts'

export interface BanPublishingDeps {
  readonly eventLog: EventLog
  readonly membership: Pick<Membership, 'onAssignment'>
  readonly producer: Producer
  readonly formats: WireFormats
  readonly bans: Pick<Bans, 'onChange'>
  readonly outbox: BanListPart['outbox']
  readonly bansMetrics: BansMetrics
  readonly log: Logger
}

/** Changes of the ban list to the event log and to the topic of current bans: by the primary, which learns of both kinds of news here. */
export function createBanPublishing(settings: Settings, deps: BanPublishingDeps): BansToLog {
  const { eventLog, membership, producer, formats, bans, outbox, bansMetrics, log } = deps
  const { topics, codec } = formats
  const headers = () => ({
    type: 'ban',
    schema: codec.schemaHeader('bans'),
    network: settings.network,
    'bridge-id': settings.bridge_id,
    'received-at': new Date(SYSTEM_CLOCK.wall()).toISOString(),
  })
  return new BansToLog(
    { network: settings.network, bridgeId: settings.bridge_id },
    {
      // Without a database the outbox is this instance's own, and no other instance can empty it.
      mayPublish: () => !settings.banlist_db || eventLog.isPrimary(),
      onNews: (listener) => {
        const undoBans = bans.onChange(listener)
        const undoAssignment = membership.onAssignment(listener)
        return () => {
          undoBans()
          undoAssignment()
        }
      },
      pending: (limit) => outbox.pending(limit),
      markPublished: (revisions) => outbox.markPublished(revisions),
      append: (event) => eventLog.append(event),
      writeBan: (key, ban) => producer.send(topics.bans, { key, value: ban && codec.encode('bans', ban), headers: headers() }),
      onPublished: (count) => bansMetrics.published.inc(count),
      onError: (error) => {
        bansMetrics.publishErrors.inc()
        log.debug({ err: error }, 'changes of the ban list could not be published and are tried again')
      },
      now: SYSTEM_CLOCK.wall,
    },
  )
}
