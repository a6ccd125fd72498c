import type { PeerSearchTimings } from '../discovery/peer-search.ts'

/** Intervals and time limits of the host's background work. Tests use shorter ones than the defaults. */
export interface GossipTimings extends PeerSearchTimings {
  /** How long the dial of one address may take. */
  readonly dialTimeoutMs: number
  readonly streamCheckMs: number
  readonly streamGraceMs: number
  /** How long two connections of a peer live side by side. */
  readonly duplicateGraceMs: number
  /** How long a stranger may be connected without a subscription to one of our topics. */
  readonly unwantedGraceMs: number
  readonly pingIntervalMs: number
  readonly pingTimeoutMs: number
  readonly peerStoreSweepMs: number
  readonly stopTimeoutMs: number
}

export const defaultTimings: GossipTimings = {
  // A Go peer with another shared key never answers, so every dial needs a deadline.
  dialTimeoutMs: 5000,
  streamCheckMs: 1000,
  streamGraceMs: 2000,
  duplicateGraceMs: 3000,
  unwantedGraceMs: 60_000,
  pingIntervalMs: 10_000,
  pingTimeoutMs: 10_000,
  peerStoreSweepMs: 300_000,
  stopTimeoutMs: 5000,
  findEachMs: 10_000,
  findInPublicEachMs: 60_000,
  // Go nodes drop a record after a day and renew their own after three hours.
  advertiseEachMs: 9_000_000,
  queryTimeoutMs: 30_000,
  // As Teranode's message bus asks.
  askEachMs: 15_000,
  askTimeoutMs: 5000,
}
