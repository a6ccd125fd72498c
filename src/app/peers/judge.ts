import type { Bans } from '../../bans/bans.ts'
import type { Settings } from '../../config/settings.ts'
import type { GossipOccurrence } from '../../events/entries/occurrence.ts'
import type { LogEvent } from '../../events/event.ts'
import type { EventLog } from '../../events/event-log.ts'
import { gossipToLog } from '../../flows/gossip-to-log.ts'
import type { OwnIdentity } from '../../identity/own-identity.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import { ANNOUNCEMENT_TYPES, type Announcement, kindOf } from '../../messages/announcement.ts'
import type { GossipKind } from '../../messages/dialects/gossip-topics.ts'
import { judgeGossip, type Talk } from '../../messages/judge-gossip.ts'
import { acceptedAuthors } from '../../peers/accepted-authors.ts'
import type { BelievedHeights } from '../../peers/chain/believed-heights.ts'
import type { WorkAdvice } from '../../peers/chain/work-advice.ts'
import type { PeerPolicy } from '../../peers/ports.ts'
import { SignerRates } from '../../peers/signer-rates.ts'
import type { GossipOffences } from '../../scores/gossip-offences.ts'
import type { FlowMetrics } from '../../telemetry/flow-metrics.ts'
import { tracedHearing } from '../../tracing/traced-gossip.ts'
import type { Tracer } from '../../tracing/tracer.ts'
import type { WireFormats } from '../wire-formats.ts'

export interface JudgeParts {
  readonly formats: WireFormats
  readonly own: Pick<OwnIdentity, 'identity'>
  readonly bans: Pick<Bans, 'isBanned'>
  readonly eventLog: Pick<EventLog, 'offer' | 'isSeen' | 'isSibling'>
  readonly metrics: FlowMetrics
  readonly policy: PeerPolicy
  readonly heights: BelievedHeights
  /** Undefined without a database. */
  readonly offences: GossipOffences | undefined
  readonly workAdvice: Pick<WorkAdvice, 'refused'>
  /** Undefined while nothing is traced. */
  readonly tracer?: Tracer | undefined
  readonly onTalk: (talk: Talk, signer: string) => void
  readonly onSiblingAnnounced: (announcement: Announcement) => void
}

/** The verdict on each gossip message, and the way of the accepted ones to the event log. */
export function createJudge(settings: Settings, parts: JudgeParts) {
  const { metrics, policy, heights, offences } = parts
  const { gossipTopics } = parts.formats
  const hearing = createHearing(settings, parts)
  return gossipToLog(
    { network: settings.network, bridgeId: settings.bridge_id },
    {
      ...(parts.tracer ? tracedHearing(hearing, parts.tracer) : hearing),
      believe: (announcement, signer) => heights.ofAnnouncement(announcement, signer),
      siblingAnnounced: parts.onSiblingAnnounced,
      talk: parts.onTalk,
      violated: offences && ((message, rule) => offences.violated(message, rule)),
      exceededRate: offences && ((message) => offences.exceededRate(message)),
      littleWork: (announcement, signer) => parts.workAdvice.refused(announcement, signer),
      accepted(announcement, signer) {
        policy.known.announced(announcement, signer)
        policy.authors.heard(signer)
      },
      count: (topic, verdict, reason) => metrics.verdicts.inc({ type: gossipTopics.kindOf(topic) ?? 'unknown', verdict, reason }),
      now: SYSTEM_CLOCK.wall,
    },
  )
}

/** What is decided about a message, and the offer of an accepted one to the event log. */
function createHearing(settings: Settings, parts: JudgeParts) {
  const { formats, eventLog, policy } = parts
  const { gossipRules: rules, gossipTopics } = formats
  const rates = new Map<GossipKind, SignerRates>(
    ANNOUNCEMENT_TYPES.flatMap((type) => {
      const { signerRate } = kindOf(type).gossip
      return signerRate ? [[type, new SignerRates(signerRate, { clock: SYSTEM_CLOCK })]] : []
    }),
  )
  const isSibling = (peerId: string) => peerId === parts.own.identity.peerId || eventLog.isSibling(peerId)
  return {
    judge: judgeGossip({
      typeOf: gossipTopics.kindOf,
      maxBytes: rules.maxBytes,
      admit: (type, signer) => rates.get(type)?.admit(signer) ?? true,
      mayAnnounce: acceptedAuthors({ authors: settings.accept_authors }, { isOwn: isSibling, isStatic: policy.isStatic }),
      decode: rules.decode,
      refusalReason: rules.refusalReason,
      isScored: rules.isScored,
      isBanned: (subject) => parts.bans.isBanned(subject),
      headerFault: rules.headerFault,
      isSibling,
      eventId: formats.announcementId,
      isSeen: (id) => eventLog.isSeen(id),
    }),
    offer: (event: LogEvent, occurrence: GossipOccurrence) => eventLog.offer(event, occurrence),
  }
}
