/**
 * What a signer is charged with, and its points, as Teranode has them (DefaultBanConfig: threshold 100, a ban of 24 hours, one point a
 * minute off). `corrupt_block_body`: a peer served a damaged body of a valid block; its points in Teranode are unknown to us.
 */
export const SCORE_POINTS = {
  protocol_violation: 20,
  invalid_subtree: 10,
  invalid_block: 10,
  spam: 50,
  catchup_failure: 30,
  corrupt_block_body: 10,
} as const

export type ScoreReason = keyof typeof SCORE_POINTS

export interface Offence {
  /** The verified signer. */
  readonly peerId: string
  readonly reason: ScoreReason
  /** Identifies the offence, so that a redelivered record or a repeated message is charged once: the hash, or a message id. */
  readonly cause: string
  /** For people: the record (`topic:partition:offset`) or message, and what is wrong with it. Stored as JSON. */
  readonly evidence: Readonly<Record<string, unknown>>
}
