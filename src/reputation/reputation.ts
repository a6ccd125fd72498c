/** What the node's validation services have reported of a peer. Counters and times add up; times are milliseconds since the epoch, 0 is never. */
export interface Reputation {
  readonly attempts: number
  readonly successes: number
  readonly failures: number
  /** How often it was reported as malicious. */
  readonly malicious: number
  readonly catchupAttempts: number
  readonly catchupSuccesses: number
  readonly catchupFailures: number
  readonly lastAttempt: number
  readonly lastSuccess: number
  readonly lastFailure: number
  /** Moving average in milliseconds, each new response counting for a fifth; 0 is unknown. */
  readonly responseMs: number
  /** Downloaded from the peer by the node. */
  readonly bytes: bigint
  readonly lastBlock: number
  readonly lastError: string
  readonly lastErrorAt: number
  /** The highest header chain of the peer that the node has validated; 0 and empty where there is none. */
  readonly validatedHeight: number
  readonly validatedHash: string
}

/** A peer of which nothing was reported. */
export const NO_REPUTATION: Reputation = {
  attempts: 0,
  successes: 0,
  failures: 0,
  malicious: 0,
  catchupAttempts: 0,
  catchupSuccesses: 0,
  catchupFailures: 0,
  lastAttempt: 0,
  lastSuccess: 0,
  lastFailure: 0,
  responseMs: 0,
  bytes: 0n,
  lastBlock: 0,
  lastError: '',
  lastErrorAt: 0,
  validatedHeight: 0,
  validatedHash: '',
}

const START = 50
const SUCCESS_WEIGHT = 0.6
const RECENT_MS = 3_600_000
const RECENT_FAILURE = 15
const RECENT_SUCCESS = 10
const MALICIOUS = 5
const RECONSIDERED = 30
/** Below it, a peer is not asked for blocks. */
export const ELIGIBLE = 20
const UNHEALTHY = 40
const MANY_INTERACTIONS = 10
/** After this many malicious reports the pause until a peer is reconsidered does not grow any more. */
const MOST_TRIPLINGS = 5

/** Factors for the average response time: the first row whose bound is above it counts. */
const SPEED: readonly (readonly [belowMs: number, factor: number])[] = [
  [200, 1.2],
  [500, 1.1],
  [2000, 1],
  [5000, 0.9],
  [10_000, 0.8],
  [30_000, 0.7],
  [Number.POSITIVE_INFINITY, 0.6],
]

/**
 * The reputation of a peer, 0 to 100, as Teranode's peer registry reckons it: 50 for an unknown one; then the share of successes, what
 * happened in the last hour, and the speed; 5 for a malicious one. A peer below 20 is reconsidered an hour after its last failure, and
 * counts as 30 again. Each further malicious report makes that pause three times as long.
 */
export function reputationScore(reputation: Reputation, now: number): number {
  const score = reputation.malicious > 0 ? MALICIOUS : earned(reputation, now)
  return score < ELIGIBLE && isReconsidered(reputation, now) ? RECONSIDERED : score
}

/** Whether the node reported the peer as malicious, and it was not reconsidered since. */
export function isMalicious(reputation: Reputation, now: number): boolean {
  return reputation.malicious > 0 && !isReconsidered(reputation, now)
}

/** Why a node should not catch up from the peer: Teranode asks for 40 points, and half of more than ten interactions. */
export function healthFault(reputation: Reputation, now: number): string | undefined {
  const score = reputationScore(reputation, now)
  if (score < UNHEALTHY && !isReconsidered(reputation, now)) return `low reputation: ${score.toFixed(2)} of 100, ${UNHEALTHY} are needed`
  const { successes, failures } = reputation
  const all = successes + failures
  if (all <= MANY_INTERACTIONS || successes * 2 >= all) return undefined
  return `few successes: ${successes} of ${all} interactions`
}

function earned({ successes, failures, lastSuccess, lastFailure, responseMs }: Reputation, now: number): number {
  const all = successes + failures
  if (all === 0) return START
  const isRecent = (at: number) => at > 0 && now - at < RECENT_MS
  const share = (successes / all) * 100 * SUCCESS_WEIGHT + START * (1 - SUCCESS_WEIGHT)
  const recent = share - (isRecent(lastFailure) ? RECENT_FAILURE : 0) + (isRecent(lastSuccess) ? RECENT_SUCCESS : 0)
  return Math.min(100, Math.max(0, recent * speedFactor(responseMs)))
}

function speedFactor(responseMs: number): number {
  if (responseMs === 0) return 1
  return SPEED.find(([belowMs]) => responseMs < belowMs)?.[1] ?? 1
}

function isReconsidered({ malicious, lastFailure }: Reputation, now: number): boolean {
  const triplings = Math.min(Math.max(0, malicious - 1), MOST_TRIPLINGS)
  return lastFailure > 0 && now - lastFailure >= RECENT_MS * 3 ** triplings
}
