import { NO_REPUTATION, type Reputation } from './reputation.ts'

/** One report of the node's validation services about a peer. */
export type Report =
  /** The node begins to catch up from the peer. */
  | { readonly kind: 'catchup-attempt' }
  /** `durationMs` 0 is unknown. */
  | { readonly kind: 'catchup-success'; readonly durationMs: number }
  /** `error`: empty for a failure of which nothing is said. */
  | { readonly kind: 'catchup-failure'; readonly error: string }
  | { readonly kind: 'malicious' }
  | { readonly kind: 'catchup-error'; readonly error: string }
  | { readonly kind: 'valid-subtree' }
  | { readonly kind: 'valid-block' }
  | { readonly kind: 'valid-headers'; readonly durationMs: number }
  | { readonly kind: 'validated-chain'; readonly height: number; readonly hash: string }
  | { readonly kind: 'downloaded'; readonly bytes: bigint }

/** Reports of one peer, summed up, so that many of them are one write. `responses`: what they make of an average. */
export interface Reports {
  readonly sum: Reputation
  readonly responses: { readonly weight: number; readonly added: number; readonly first: number }
}

export const NO_REPORTS: Reports = { sum: NO_REPUTATION, responses: { weight: 1, added: 0, first: 0 } }

/** The share of the average that a new response leaves of it. */
const KEPT = 0.8
const MOST_BYTES = 2n ** 64n - 1n
const LONGEST_ERROR = 500

/** The reports with one more, which came at `now`. */
export function addReport({ sum, responses }: Reports, report: Report, now: number): Reports {
  const success = { successes: sum.successes + 1, lastSuccess: now }
  const failure = { failures: sum.failures + 1, lastFailure: now }
  const attempt = { attempts: sum.attempts + 1, lastAttempt: now }
  const withSum = (changed: Partial<Reputation>): Reports => ({ sum: { ...sum, ...changed }, responses })
  const withResponse = (ms: number, changed: Partial<Reputation>) => ({
    sum: { ...sum, ...changed },
    responses: ms > 0 ? addResponse(responses, ms) : responses,
  })
  switch (report.kind) {
    case 'catchup-attempt':
      return withSum({ ...attempt, catchupAttempts: sum.catchupAttempts + 1 })
    case 'catchup-success':
      return withResponse(report.durationMs, { ...success, catchupSuccesses: sum.catchupSuccesses + 1 })
    case 'catchup-failure': {
      const failed = { ...failure, catchupFailures: sum.catchupFailures + 1 }
      return withSum(report.error === '' ? failed : { ...failed, ...errorOf(report.error, now) })
    }
    case 'malicious':
      return withSum({ ...attempt, ...failure, malicious: sum.malicious + 1 })
    case 'catchup-error':
      return withSum(errorOf(report.error, now))
    case 'valid-subtree':
      return withSum(success)
    case 'valid-block':
      return withSum({ ...success, lastBlock: now })
    case 'valid-headers':
      return withResponse(report.durationMs, { ...attempt, ...success })
    case 'validated-chain':
      return report.height < sum.validatedHeight
        ? { sum, responses }
        : withSum({ validatedHeight: report.height, validatedHash: report.hash })
    case 'downloaded':
      return withSum({ bytes: sum.bytes + report.bytes })
  }
}

/** A reputation after the reports. */
export function applyReports(old: Reputation, { sum, responses }: Reports): Reputation {
  const isHigher = sum.validatedHeight >= old.validatedHeight && sum.validatedHeight > 0
  const bytes = old.bytes + sum.bytes
  return {
    attempts: old.attempts + sum.attempts,
    successes: old.successes + sum.successes,
    failures: old.failures + sum.failures,
    malicious: old.malicious + sum.malicious,
    catchupAttempts: old.catchupAttempts + sum.catchupAttempts,
    catchupSuccesses: old.catchupSuccesses + sum.catchupSuccesses,
    catchupFailures: old.catchupFailures + sum.catchupFailures,
    lastAttempt: Math.max(old.lastAttempt, sum.lastAttempt),
    lastSuccess: Math.max(old.lastSuccess, sum.lastSuccess),
    lastFailure: Math.max(old.lastFailure, sum.lastFailure),
    responseMs: (old.responseMs || responses.first) * responses.weight + responses.added,
    bytes: bytes > MOST_BYTES ? MOST_BYTES : bytes,
    lastBlock: Math.max(old.lastBlock, sum.lastBlock),
    ...(sum.lastErrorAt > 0
      ? { lastError: sum.lastError, lastErrorAt: sum.lastErrorAt }
      : { lastError: old.lastError, lastErrorAt: old.lastErrorAt }),
    ...(isHigher
      ? { validatedHeight: sum.validatedHeight, validatedHash: sum.validatedHash }
      : { validatedHeight: old.validatedHeight, validatedHash: old.validatedHash }),
  }
}

/** Earlier and later reports as one. */
export function joinReports(earlier: Reports, later: Reports): Reports {
  const weight = earlier.responses.weight * later.responses.weight
  const added = earlier.responses.added * later.responses.weight + later.responses.added
  const first = earlier.responses.first || later.responses.first
  return { sum: { ...applyReports(earlier.sum, later), responseMs: 0 }, responses: { weight, added, first } }
}

function addResponse({ weight, added, first }: Reports['responses'], ms: number): Reports['responses'] {
  return { weight: weight * KEPT, added: added * KEPT + ms * (1 - KEPT), first: first || ms }
}

/** Postgres keeps no NUL and no half surrogates in text. */
function errorOf(text: string, now: number): Pick<Reputation, 'lastError' | 'lastErrorAt'> {
  return { lastError: text.slice(0, LONGEST_ERROR).replaceAll('\0', '').toWellFormed(), lastErrorAt: now }
}
