import { canonicalPeerId } from '../bans/ban-key.ts'
import type { Bans } from '../bans/bans.ts'
import type { Settings } from '../config/settings.ts'
import type { Membership } from '../events/ports.ts'
import type { Announcers } from '../events/reading/announcers.ts'
import type { appendOwnAnnouncements } from '../events/writing/own-announcements.ts'
import { banCommands } from '../flows/ban-commands.ts'
import { kafkaToLog } from '../flows/kafka-to-log.ts'
import { verdictsToScores } from '../flows/verdicts-to-scores.ts'
import type { GroupConsumer } from '../kafka/group/group-consumer.ts'
import type { KafkaRecord } from '../kafka/record.ts'
import { SYSTEM_CLOCK } from '../lifecycle/clock.ts'
import { Listeners } from '../lifecycle/listeners.ts'
import { RELAXED_APART_MS } from '../lifecycle/pace/batch-pace.ts'
import { type InvalidContent, invalidBlock, invalidSubtree } from '../messages/invalid-content.ts'
import { ANNOUNCEMENT_TOPICS, byRole, type GroupTopic } from '../messages/topics.ts'
import type { Scores } from '../scores/scores.ts'
import { createGroup, type GroupFlow, type GroupsDeps } from './groups.ts'

export interface LogGroupDeps extends GroupsDeps {
  readonly appendOwn: ReturnType<typeof appendOwnAnnouncements>
  readonly bans: Pick<Bans, 'apply'>
  /** Undefined without a database. */
  readonly scores: Scores | undefined
  readonly announcers: Announcers
}

export interface LogGroup {
  readonly membership: Membership
  start(): Promise<void>
  stop(): Promise<void>
}

/** The group that reads the own node's notifications for the event log. Its member with the event log's partition is the primary. */
export function createLogGroup(settings: Settings, deps: LogGroupDeps): LogGroup {
  const { formats, appendOwn, bans } = deps
  const { codec } = formats
  const { network, bridge_id: bridgeId } = settings
  const toLog = {
    flow: 'kafka-to-log',
    handle: kafkaToLog(
      { network, bridgeId },
      {
        toAnnouncement: formats.toAnnouncement,
        eventId: formats.announcementId,
        append: appendOwn,
        now: SYSTEM_CLOCK.wall,
      },
    ),
  }
  const toBans = {
    flow: 'ban-commands',
    handle: banCommands(
      { bridgeId },
      { decode: (record) => codec.decodeRecord('banCommands', record), apply: (command, origin) => bans.apply(command, origin) },
    ),
  }
  const toScores = (decode: (record: KafkaRecord) => InvalidContent) => verdictFlow(settings, decode, deps)
  const assignments = new Listeners()
  const group = createGroup(
    settings,
    {
      name: 'log',
      // A topic of the group without a flow here is a compile error.
      flows: {
        ...byRole(ANNOUNCEMENT_TOPICS, () => toLog),
        banCommands: toBans,
        invalidBlocks: toScores((record) => invalidBlock(codec.decodeRecord('invalidBlocks', record))),
        invalidSubtrees: toScores((record) => invalidSubtree(codec.decodeRecord('invalidSubtrees', record))),
      } satisfies Record<GroupTopic<'log'>, GroupFlow>,
      ownedTopics: [formats.topics.events],
      pollsApartMs: RELAXED_APART_MS, // peers hear of a notification by the other group
      serialTopics: [formats.topics.banCommands], // [add, remove] in one produce request must not be applied in reverse order
      onAssignment: () => assignments.emit(),
    },
    deps,
  )
  return {
    membership: membershipOf(group, formats.topics.events, assignments),
    start: () => group.start(),
    stop: () => group.stop(),
  }
}

function verdictFlow(
  { bridge_id: bridgeId }: Settings,
  decode: (record: KafkaRecord) => InvalidContent,
  { scores, announcers }: LogGroupDeps,
): GroupFlow {
  const handle = verdictsToScores(
    { bridgeId },
    {
      decode,
      announcersOf: (kind, hash) => announcers.of(kind, hash),
      peerIdOf: canonicalPeerId,
      charge: scores && ((offences) => scores.charge(offences)),
    },
  )
  return { flow: 'verdicts-to-scores', handle }
}

/** The group's membership for the one partition of the event log. */
export function membershipOf(group: GroupConsumer, topic: string, assignments: Listeners): Membership {
  return {
    isAssigned: () => group.assigned().get(topic)?.includes(0) ?? false,
    lastHeartbeatSentAt: () => group.lastHeartbeatSentAt(),
    sessionTimeoutMs: group.sessionTimeoutMs,
    isCurrent: () => group.isCurrent(),
    async committed() {
      const found = await group.committed(topic, 0)
      return found && { next: found.next, fingerprint: found.metadata }
    },
    commit: ({ next, fingerprint }) => group.commit({ topic, partition: 0, next, metadata: fingerprint }),
    onAssignment: (listener) => assignments.add(listener),
  }
}
