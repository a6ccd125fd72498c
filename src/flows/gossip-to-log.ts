import type { GossipOccurrence } from '../events/entries/occurrence.ts'
import { type LogEvent, toEvent } from '../events/event.ts'
import { type Announcement, contentOf, kindOf } from '../messages/announcement.ts'
import type { HeardMessage, Talk, Verdict } from '../messages/judge-gossip.ts'

export interface GossipToLogOptions {
  readonly network: string
  readonly bridgeId: string
}

export interface GossipToLogDeps {
  readonly judge: (message: HeardMessage) => Verdict
  /** The announcement as far as we believe its signer. */
  readonly believe: (announcement: Announcement, signer: string) => Announcement
  /** Told of what a sibling has announced. */
  readonly siblingAnnounced?: (announcement: Announcement) => void
  /** Offers an accepted announcement to the event log. Never waits. `outdated`: it is no news about its signer's state. */
  readonly offer: (event: LogEvent, occurrence: GossipOccurrence) => 'new' | 'repeated' | 'outdated'
  /** Told of a message between two nodes, from its verified signer. */
  readonly talk?: (talk: Talk, signer: string) => void
  /** Told of each accepted announcement, with its verified signer. */
  readonly accepted?: (announcement: Announcement, signer: string) => void
  /** Told of each message that is its signer's fault, with the rule that it breaks. */
  readonly violated?: ((message: HeardMessage, rule: string) => void) | undefined
  /** Told of each message beyond the rate of its kind. */
  readonly exceededRate?: ((message: HeardMessage) => void) | undefined
  /** Told of each announcement whose header proves less work than the setting asks for. */
  readonly littleWork?: ((announcement: Announcement, signer: string) => void) | undefined
  readonly count: (topic: string, verdict: Verdict['verdict'], reason: string) => void
  readonly now: () => number
}

const WORDS = { new: 'new', repeated: 'repeat', outdated: 'outdated' } as const

/**
 * Gossip messages to the event log. The router gets its verdict at once, even if Kafka is away. The event log decides which instance
 * writes an accepted announcement, and when.
 */
export function gossipToLog(
  { network, bridgeId }: GossipToLogOptions,
  deps: GossipToLogDeps,
): (message: HeardMessage) => 'accept' | 'ignore' {
  return (message) => {
    const result = deps.judge(message)
    if (result.verdict !== 'accept') {
      deps.count(message.topic, result.verdict, result.reason)
      if (result.verdict === 'ignore-and-score') deps.violated?.(message, result.reason)
      else if (result.reason === 'signer-rate') deps.exceededRate?.(message)
      else if (result.reason === 'header-work' && result.refused) deps.littleWork?.(result.refused, message.signer)
      if (result.announced) deps.siblingAnnounced?.(result.announced)
      if (result.talk) deps.talk?.(result.talk, message.signer)
      return result.verdict === 'relay' ? 'accept' : 'ignore'
    }
    const { id } = result
    const announcement = deps.believe(result.announcement, message.signer)
    const { signer: peerId } = message
    const content = { type: announcement.type, payload: kindOf(announcement.type).payload, content: contentOf(announcement) }
    const event = toEvent({ id, network, bridgeId, origin: 'network', peerId, receivedAt: deps.now() }, content)
    const outcome = deps.offer(event, message)
    deps.accepted?.(announcement, message.signer)
    deps.count(message.topic, outcome === 'new' ? 'accept' : 'relay', WORDS[outcome])
    return 'accept'
  }
}
