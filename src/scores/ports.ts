import type { Score } from './add-points.ts'
import type { Offence } from './offence.ts'

/** An offence of a known peer, with its points. */
export interface PricedOffence extends Omit<Offence, 'peerId'> {
  readonly points: number
}

/** An offence as stored, with the store's time, in milliseconds since the epoch. */
export interface StoredOffence extends PricedOffence {
  readonly at: number
}

export interface ChargeOutcome {
  /** After the offences and all decay. */
  readonly points: number
  /** True if all offences were charged before: nothing was added. */
  readonly isRepeated: boolean
  /** The latest offences of the peer, the newest first: the evidence of a ban. */
  readonly latest: readonly StoredOffence[]
}

/** Durable scores of one bridge, by the store's time. */
export interface ScoreStore {
  /** Durable when it resolves; each offence adds its points once. */
  charge(peerId: string, offences: readonly PricedOffence[]): Promise<ChargeOutcome>
  /** The highest scores, by decreasing points; at most `limit`. */
  list(limit: number): Promise<readonly (Score & { readonly peerId: string })[]>
  /** Forgets offences and scores that are over. */
  sweep(): Promise<void>
}

/** See add-points.ts. It is injected into the stores, because an edge imports only types of the domain. */
export type AddPoints = (old: Score | undefined, points: number, now: number) => Score
