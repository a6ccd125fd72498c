import type { Announcement } from './announcement.ts'
import type { GossipKind } from './dialects/gossip-topics.ts'
import type { Handshake } from './dialects/handshake.ts'

/** A signed gossip message, as the router delivers it. `signer` is verified. `hop` is the neighbour that passed it on. */
export interface HeardMessage {
  readonly topic: string
  readonly data: Uint8Array
  readonly signer: string
  readonly sequenceNumber: bigint
  readonly hop: string
  readonly hopAddress: string | null
}

/**
 * What becomes of a gossip message:
 * - `accept`: passed on and written to the event log;
 * - `relay`: passed on, not written (a repeat, or a sibling's own announcement);
 * - `ignore`: not passed on, nobody's fault;
 * - `ignore-and-score`: not passed on, and the signer's fault.
 *
 * The router's own *reject* is never used for content: today's nodes relay every validly signed message, so *reject*
 * would punish an honest neighbour for a stranger's message.
 */
export type Verdict =
  | { readonly verdict: 'accept'; readonly id: string; readonly announcement: Announcement }
  /** `announced`: by a sibling. `refused`: its content is good, and its header proves too little. */
  | {
      readonly verdict: Word
      readonly reason: string
      readonly talk?: Talk
      readonly announced?: Announcement
      readonly refused?: Announcement
    }
/** A message between two nodes that announces nothing: what its signer wants from us. */
export type Talk = { readonly kind: 'handshake'; readonly handshake: Handshake } | { readonly kind: 'best-block' }
type Word = 'relay' | 'ignore' | 'ignore-and-score'

/** A decoded message, with the peer id that the payload claims. */
export interface Decoded {
  readonly announcement: Announcement | undefined
  readonly handshake?: Handshake | undefined
  readonly claimedPeerId: string
}

export interface JudgeGossipDeps {
  /** The kind that belongs to a gossip topic. */
  readonly typeOf: (topic: string) => GossipKind | undefined
  readonly maxBytes: (type: GossipKind) => number
  /** False for a signer that sends more messages of a kind than a node does. */
  readonly admit: (type: GossipKind, signer: string) => boolean
  /** False for a signer that the operator does not listen to. */
  readonly mayAnnounce: (signer: string) => boolean
  /** Throws an error that `refusalReason` recognises for content that breaks a rule. */
  readonly decode: (type: GossipKind, data: Uint8Array) => Decoded
  /** The name of the broken rule, or undefined for our own errors. */
  readonly refusalReason: (error: unknown) => string | undefined
  /** Whether a message that is refused for this reason is the signer's fault. */
  readonly isScored: (reason: string) => boolean
  readonly isBanned: (subject: { peerId?: string; address?: string }) => boolean
  /** The name of the rule that the header breaks. Undefined if the header is good or the message has none. */
  readonly headerFault: (announcement: Announcement) => string | undefined
  readonly isSibling: (peerId: string) => boolean
  readonly eventId: (announcement: Announcement, signer: string, message: HeardMessage) => string
  /** True for an event that is in the event log or among the pending announcements. */
  readonly isSeen: (id: string) => boolean
}

/** The one place where a gossip message gets its verdict. Cheap checks come first. Nothing here waits for Kafka. */
export function judgeGossip(deps: JudgeGossipDeps): (message: HeardMessage) => Verdict {
  return (message) => {
    const type = deps.typeOf(message.topic)
    if (!type) return { verdict: 'ignore', reason: 'unknown-topic' }
    if (message.data.length > deps.maxBytes(type)) return refused(deps, 'too-large')
    if (!deps.mayAnnounce(message.signer)) return { verdict: 'ignore', reason: 'author' }
    // Before the content, because nobody is scored for what he sends while he is banned.
    if (isBannedMessage(deps, message)) return { verdict: 'ignore', reason: 'banned' }
    if (!deps.admit(type, message.signer)) return { verdict: 'ignore', reason: 'signer-rate' }
    let decoded: Decoded
    try {
      decoded = deps.decode(type, message.data)
    } catch (error) {
      const reason = deps.refusalReason(error)
      return reason ? refused(deps, reason) : { verdict: 'ignore', reason: 'internal' }
    }
    if (decoded.claimedPeerId !== message.signer) return { verdict: 'ignore-and-score', reason: 'signer-mismatch' }
    if (!decoded.announcement) return { verdict: 'relay', reason: type, ...talkOf(type, decoded, deps.isSibling(message.signer)) }
    return judgeAnnouncement(deps, decoded.announcement, message)
  }
}

/**
 * Nodes of before July 2025 send no header. A header with less work than our setting asks for may be of an honest chain whose difficulty
 * has fallen: if it scored, every honest peer would be banned at once.
 */
const NOBODYS_FAULT: ReadonlySet<string> = new Set(['header-missing', 'header-work'])

function refused(deps: JudgeGossipDeps, reason: string): Verdict {
  return { verdict: deps.isScored(reason) ? 'ignore-and-score' : 'ignore', reason }
}

function judgeAnnouncement(deps: JudgeGossipDeps, announcement: Announcement, message: HeardMessage): Verdict {
  const fault = deps.headerFault(announcement)
  if (fault) return { verdict: NOBODYS_FAULT.has(fault) ? 'ignore' : 'ignore-and-score', reason: fault, refused: announcement }
  if (deps.isSibling(message.signer)) return { verdict: 'relay', reason: 'sibling', announced: announcement }
  const id = deps.eventId(announcement, message.signer, message)
  if (deps.isSeen(id)) return { verdict: 'relay', reason: 'repeat' }
  return { verdict: 'accept', id, announcement }
}

/** What siblings say to each other is for other nodes. */
function talkOf(type: GossipKind, { handshake }: Decoded, isSibling: boolean): { talk?: Talk } {
  if (isSibling) return {}
  if (handshake) return { talk: { kind: 'handshake', handshake } }
  return type === 'best-block' ? { talk: { kind: 'best-block' } } : {}
}

function isBannedMessage(deps: JudgeGossipDeps, { signer, hopAddress }: HeardMessage): boolean {
  return deps.isBanned(hopAddress ? { peerId: signer, address: hopAddress } : { peerId: signer })
}
