import type { RecordHandler } from '../events/ports.ts'
import type { KafkaRecord } from '../kafka/record.ts'
import type { Announcement, AnnouncementType } from '../messages/announcement.ts'
import { BadInputError, RetryLaterError } from '../messages/errors.ts'
import { type TraceHeaders, traceHeaders } from '../messages/trace-context.ts'

export interface KafkaToGossipOptions {
  readonly bridgeId: string
  /** Maximum age of a record to publish, in milliseconds. */
  readonly maxAgeMs: number
  /** False for a node that only listens: its notifications are read and not published. */
  readonly isAnnouncing: boolean
}

/** An announcement and its message. `at`: when the node announced it, in milliseconds, and not after the present. */
interface SentState {
  readonly announcement: Announcement
  readonly data: Uint8Array
  readonly at: number
  /** Of the record. */
  readonly trace?: TraceHeaders | undefined
}

export interface KafkaToGossipDeps {
  /** The own announcement in a record of an in-topic; undefined for a record that is not the own node's. Throws BadInputError. */
  readonly toAnnouncement: (record: KafkaRecord) => Announcement | undefined
  /** Undefined for a kind that the peers have no message for. */
  readonly encode: (announcement: Announcement) => Uint8Array | undefined
  /** The rule of the peers that an announcement breaks: they would ban us for it. Undefined if they take it. */
  readonly sendFault: (announcement: Announcement) => string | undefined
  /** Called for each announcement that is not published because it breaks a rule. */
  readonly onRefused: (type: AnnouncementType, fault: string) => void
  /** What this bridge has announced already. */
  readonly announced: { has(announcement: Announcement): boolean; add(announcement: Announcement): void }
  /** Number of peers, other than siblings, that subscribe to that kind. */
  readonly foreignSubscribers: (type: AnnouncementType) => number
  /** Whether no peer has subscribed to that kind for a while, although peers subscribe to other kinds. */
  readonly isUnheard: (type: AnnouncementType) => boolean
  /** Called for each record that is skipped because no peer subscribes to its kind. */
  readonly onUnheard: (type: AnnouncementType) => void
  /** False for one more message of a kind than a node of the network sends. */
  readonly mayPublish: (type: AnnouncementType) => boolean
  /** Called for each record that is skipped because of that. */
  readonly onOverRate: (type: AnnouncementType) => void
  /**
   * Resolves with the number of peers that got the message. Waits if publishing is paced; a state that waits gives way to a later one, and
   * is `superseded`.
   */
  readonly publish: (sent: SentState) => Promise<number | 'superseded'>
  /** The state that the node announced later than this one, and that was published before it. */
  readonly laterThan: (sent: SentState) => SentState | undefined
  /** The greatest height of an own block in the event log, if known. */
  readonly ownHeight: () => number | undefined
  /** Whether a block is the own best block according to the event log: after a reorganisation it may not be the highest. */
  readonly isOwnTip: (hash: string) => boolean
  readonly isTooLarge: (error: unknown) => boolean
  /** Called for each record that is skipped because of its age. */
  readonly onTooOld: (type: AnnouncementType) => void
  readonly now: () => number
}

/**
 * The own node's notifications to the peers, at least once to at least one peer other than a sibling. The offset moves after the
 * publish. While there are no subscribers at all, the record waits in Kafka. If peers subscribe only to other kinds, it is skipped,
 * so that it does not block other kinds.
 */
export function kafkaToGossip({ bridgeId, maxAgeMs, isAnnouncing }: KafkaToGossipOptions, deps: KafkaToGossipDeps): RecordHandler {
  let highest = 0
  /** Compares with the event log and with earlier records here, because the event log is read back for a few minutes only. */
  const isNewestBlock = (announcement: Announcement) => {
    if (announcement.type !== 'block') return false
    const { hash, height } = announcement.block
    highest = Math.max(highest, height, deps.ownHeight() ?? 0)
    return height === highest || deps.isOwnTip(hash)
  }

  return async (record) => {
    if (record.headers['bridge-id'] === bridgeId) return 'own-bridge'
    const announcement = deps.toAnnouncement(record)
    if (!announcement) return 'skipped'
    if (!isAnnouncing) return 'listen-only'
    const data = deps.encode(announcement)
    if (!data) return 'no-message'
    const { type } = announcement
    const isNewest = isNewestBlock(announcement)
    if (deps.now() - record.timestamp > maxAgeMs && !isNewest) {
      deps.onTooOld(type)
      return 'too-old'
    }
    // A record that is delivered again, after the publish and before the commit, or a tip that a service repeats.
    if (deps.announced.has(announcement)) return 'announced'
    const fault = deps.sendFault(announcement)
    if (fault !== undefined) {
      deps.onRefused(type, fault)
      return 'refused'
    }
    const sent = { announcement, data, at: Math.min(record.timestamp, deps.now()), trace: traceHeaders(record) }
    const outcome = await publish(sent, deps)
    if (outcome === 'published') await sayLatest(sent, deps)
    return outcome
  }
}

/** Peers believe the state that they hear last. */
async function sayLatest(sent: SentState, { laterThan, publish }: KafkaToGossipDeps): Promise<void> {
  const later = laterThan(sent)
  if (later) await publish(later)
}

async function publish(sent: SentState, deps: KafkaToGossipDeps): Promise<string> {
  const { announcement } = sent
  const { type } = announcement
  if (deps.foreignSubscribers(type) === 0) {
    if (!deps.isUnheard(type)) throw new RetryLaterError(`no peer listens to ${type} announcements yet`)
    deps.onUnheard(type)
    return 'unheard'
  }
  if (!deps.mayPublish(type)) {
    deps.onOverRate(type)
    return 'over-rate'
  }
  try {
    const recipients = await deps.publish(sent)
    if (recipients === 'superseded') return 'superseded'
    if (recipients === 0) throw new RetryLaterError(`the last peer that listened to ${type} announcements has gone`)
  } catch (error) {
    if (deps.isTooLarge(error)) throw new BadInputError('too-large', `the ${type} announcement is too large for gossip`, { cause: error })
    throw error
  }
  deps.announced.add(announcement)
  return 'published'
}
