import type { Settings } from '../config/settings.ts'
import { banCommands } from '../flows/ban-commands.ts'
import { BansToLog } from '../flows/bans-to-log.ts'
import { kafkaToLog } from '../flows/kafka-to-log.ts'
import type { GroupConsumer } from '../kafka/group/group-consumer.ts'
import { withDeadline } from '../lifecycle/time.ts'
import { ANNOUNCEMENT_TOPICS, byRole, type GroupName, type GroupTopic, groupTopics } from '../messages/topics.ts'
import type { BansMetrics } from '../telemetry/bans-metrics.ts'
import type { BanListPart } from './ban-list.ts'
import { createGroupWatch, type GroupWatchOptions } from './group-watch.ts'
import { createGroup, createValidationFollower, type GroupFlow, type GroupsDeps, groupId } from './groups.ts'
import type { LogReading } from './log-reading.ts'
import type { Peers } from './peers.ts'

const LAST_WORK_MS = 1000

export interface RelayDeps extends GroupsDeps {
  readonly reading: LogReading
  readonly peers: Peers
  readonly banList: BanListPart
  readonly bansMetrics: BansMetrics
  readonly ownPeerId: string
}

/** Whether this instance writes to the log at once; nobody does before there is a group. */
export class Holder {
  #group: GroupConsumer | undefined
  readonly #topic: string

  constructor(logTopic: string) {
    this.#topic = logTopic
  }

  follow(group: GroupConsumer): void {
    this.#group = group
  }

  isAssigned(): boolean {
    return this.#group?.assigned().get(this.#topic)?.includes(0) ?? false
  }

  /**
   * Assigned, and the last heartbeat that was answered was *sent* less than half a session ago: an instance that was frozen
   * and wakes up must not take itself for the holder that it was.
   */
  isHolder(): boolean {
    if (!this.#group || !this.isAssigned()) return false
    return performance.now() - this.#group.lastHeartbeatSentAt() < this.#group.sessionTimeoutMs / 2
  }
}

/** The group that reads what the own node says, for the log, and whose member with the log's partition is the holder. */
export function createLogGroup(settings: Settings, holder: Holder, deps: RelayDeps) {
  const { formats, producer, banList, reading, metrics, pulse } = deps
  const toLog = {
    flow: 'kafka-to-log',
    handle: kafkaToLog(
      { network: settings.network, bridgeId: settings.bridge_id },
      {
        toAnnouncement: formats.toAnnouncement,
        eventId: formats.announcementId,
        toRecord: formats.toEventRecord,
        send: (record) => producer.send(formats.topics.events, record, { partition: 0 }),
        now: Date.now,
      },
    ),
  }
  const banFlow = {
    flow: 'ban-commands',
    handle: banCommands(
      { bridgeId: settings.bridge_id },
      { decode: (value) => formats.codec.decode('banCommands', value), apply: (command, cause) => banList.bans.apply(command, cause) },
    ),
  }
  const bansToLog = createBansToLog(settings, holder, deps)
  const watch = createGroupWatch(settings, ownGroups(settings, formats), deps)
  const follower = createValidationFollower({ ...deps, network: settings.network, groupId: groupId(settings, 'log'), group: () => group })
  const group: GroupConsumer = createGroup(
    settings,
    {
      name: 'log',
      // A topic that the group reads and that has no flow here does not compile.
      flows: { ...byRole(ANNOUNCEMENT_TOPICS, () => toLog), banCommands: banFlow } satisfies Record<GroupTopic<'log'>, GroupFlow>,
      ownedTopics: [formats.topics.events],
      onAssignment: () => {
        metrics.holder.set(holder.isAssigned() ? 1 : 0)
        if (holder.isAssigned()) pulse.watch('derived')
        else pulse.unwatch('derived')
        void follower.assigned(holder.isAssigned())
        watch.rebalanced()
        bansToLog.wake()
      },
    },
    deps,
  )
  holder.follow(group)
  const undo = banList.bans.onChange(() => {
    bansToLog.wake()
    deps.peers.host.enforceBans().catch((error: unknown) => deps.log.warn({ err: error }, 'not all banned connections could be closed'))
  })
  return {
    /** The log has a gap: where to go on has to be looked up anew. */
    relocate: () => void follower.assigned(holder.isAssigned()),
    ownHeight: reading.ownHeight,
    async start() {
      bansToLog.start()
      await group.start()
    },
    async stop() {
      undo()
      const watched = watch.stop() // beside the rest: leaving the group must not wait for it
      // A commit that the group does not take may not use up the time that leaving it needs.
      await withDeadline(Promise.all([follower.stop(), bansToLog.stop()]), LAST_WORK_MS, 'the last work').catch(() => {})
      await Promise.all([group.stop(), watched])
    },
  }
}

/** What the members of the bridge's own groups subscribe to. */
function ownGroups(settings: Settings, { topics }: GroupsDeps['formats']): GroupWatchOptions[] {
  const topicsOf = (group: GroupName) => groupTopics(group).map((role) => topics[role])
  return [
    { groupId: groupId(settings, 'log'), topics: [...topicsOf('log'), topics.events] },
    { groupId: groupId(settings, 'gossip'), topics: topicsOf('gossip') },
  ]
}

function createBansToLog(settings: Settings, holder: Holder, { formats, producer, banList, bansMetrics, log }: RelayDeps): BansToLog {
  const { topics, codec } = formats
  const headers = () => ({
    type: 'ban',
    schema: codec.schemaHeader('bans'),
    network: settings.network,
    'bridge-id': settings.bridge_id,
    'received-at': new Date().toISOString(),
  })
  return new BansToLog(
    { network: settings.network, bridgeId: settings.bridge_id },
    {
      // Without a database the outbox is this instance's own, and nobody else can empty it.
      isHolder: () => !settings.banlist_db || holder.isHolder(),
      pending: (limit) => banList.outbox.pending(limit),
      markPublished: (revisions) => banList.outbox.markPublished(revisions),
      writeEvent: (event) => producer.send(topics.events, formats.toEventRecord(event), { partition: 0 }),
      writeBan: (key, ban) => producer.send(topics.bans, { key, value: ban && codec.encode('bans', ban), headers: headers() }),
      onPublished: (count) => bansMetrics.published.inc(count),
      onError: (error) => {
        bansMetrics.publishErrors.inc()
        log.debug({ err: error }, 'changes of the ban list could not be published, they are tried again')
      },
      now: Date.now,
    },
  )
}
