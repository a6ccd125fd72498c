import type { Report, Reports } from './report.ts'
import type { Reputation } from './reputation.ts'

export interface PeerReputation {
  readonly peerId: string
  readonly reputation: Reputation
}

export interface PeerReports {
  readonly peerId: string
  readonly reports: Reports
}

/** A place in the store's history: what changed after it is read with it. */
export type ReputationCursor = string | null

/** Reputations that last, of one bridge; all instances share them. All methods reject within a deadline while it is away. */
export interface ReputationStore {
  /** Adds the reports and resolves with what became of the reputations; durable then. */
  add(reports: readonly PeerReports[]): Promise<readonly PeerReputation[]>
  /** What changed since an earlier reading, or everything for null. Something may be read twice. */
  read(since: ReputationCursor): Promise<{ readonly changed: readonly PeerReputation[]; readonly cursor: ReputationCursor }>
  /** Back to the start: of one peer, or of all for null. Resolves with the number of reputations that there were. */
  reset(peerId: string | null): Promise<number>
  /** Forgets those that are old or too many. */
  sweep(): Promise<void>
}

/** See report.ts. It is injected into the stores, because an edge imports only types of the domain. */
export type ApplyReports = (old: Reputation, reports: Reports) => Reputation

/** The reputations of peers as others use them. */
export interface Reputations {
  get(peerId: string): Reputation | undefined
  all(): ReadonlyMap<string, Reputation>
  /** Counts at once here, and in the store within a second or two. */
  report(peerId: string, report: Report): void
  /** Resolves with the number of reputations that were reset. Throws RetryLaterError while the store is away. */
  reset(peerId: string | null): Promise<number>
}

/** What a peer announced. Texts are empty, and numbers zero, where it said nothing. */
export interface KnownPeer {
  /** The height that we believe. */
  readonly height: number
  readonly hash: string
  readonly dataHubUrl: string
  readonly clientName: string
  /** `full`, `pruned`, or empty. */
  readonly storage: string
  /** Milliseconds since the epoch. */
  readonly lastBlockAt: number
  readonly lastMessageAt: number
}

export interface RegistryEntry extends KnownPeer {
  readonly peerId: string
  readonly reputation: Reputation
  /** 0 to 100. */
  readonly score: number
  readonly isBanned: boolean
  /** Milliseconds since the epoch; null without a connection to this instance. */
  readonly connectedAt: number | null
}

/** The peers as the node's validation services ask for them. */
export interface PeerRegistry {
  all(): readonly RegistryEntry[]
  /** Undefined for a peer that neither announced anything, nor was reported, nor is connected. */
  find(peerId: string): RegistryEntry | undefined
  /** The score of a peer of which nothing is known. */
  readonly unknownScore: number
  /** Peers from which a node may catch up, the best first. */
  forCatchup(): readonly RegistryEntry[]
  /** Why a peer counts as malicious, if it does. */
  maliceOf(peerId: string): string | undefined
  /** Why a node should not catch up from a peer, if it should not. Nothing speaks against an unknown one. */
  healthFaultOf(peerId: string): string | undefined
}
