import type { Logger } from 'pino'
import { repeat } from '../lifecycle/time.ts'
import { RetryLaterError } from '../messages/errors.ts'
import type { Score } from './add-points.ts'
import { type Offence, SCORE_POINTS, type ScoreReason } from './offence.ts'
import type { ChargeOutcome, ScoreStore } from './ports.ts'

export interface ScoresOptions {
  readonly threshold: number
  readonly banDurationMs: number
  /** `observe`: scores are kept and said, and nobody is banned. */
  readonly mode: 'enforce' | 'observe'
}

/** What became of an offence. `spared`: never banned by score, or the breaker is open. */
export type ScoreOutcome = 'charged' | 'repeated' | 'banned' | 'observed' | 'spared'

export interface ScoreBan {
  readonly peerId: string
  readonly durationSeconds: number
  readonly reason: string
  /** Unique: the same offence bans once. */
  readonly cause: string
  readonly evidence: Readonly<Record<string, unknown>>
}

export interface ScoresDeps {
  readonly store: ScoreStore
  /** Durable and enforced when it resolves with true. With false the breaker has stopped it. Throws RetryLaterError while the store is away. */
  readonly ban: (ban: ScoreBan) => Promise<boolean>
  /** Peers that are never banned by score: `ban_never`, static peers, siblings. */
  readonly isExempt: (peerId: string) => boolean
  readonly metrics: {
    readonly offences: { inc(labels: { reason: ScoreReason; outcome: ScoreOutcome }, count: number): void }
    readonly breakerOpen: { set(value: number): void }
  }
  readonly log: Logger
}

/** At least one, all of the same signer. */
export type Offences = readonly [Offence, ...Offence[]]

/** The scores of signers, and the bans that follow from them. */
export interface Scores {
  /** Charges one signer with each offence once. Throws RetryLaterError while the store is away. */
  charge(offences: Offences): Promise<ScoreOutcome>
  /** The highest scores, by decreasing points. Throws RetryLaterError while the store is away. */
  list(limit: number): Promise<readonly (Score & { readonly peerId: string })[]>
  /** Forgets what is over, from now on. */
  start(): void
  stop(): Promise<void>
}

const SWEEP_MS = 600_000

export function createScores(options: ScoresOptions, deps: ScoresDeps): Scores {
  const stopped = new AbortController()
  let sweeping: Promise<void> | undefined
  return {
    async charge(offences) {
      const outcome = await judge(options, deps, offences)
      deps.metrics.offences.inc({ reason: offences[0].reason, outcome }, offences.length)
      return outcome
    },
    async list(limit) {
      try {
        return await deps.store.list(limit)
      } catch (error) {
        throw unavailable('read', error)
      }
    },
    start() {
      const onError = (error: unknown) => deps.log.debug({ err: error }, 'scores not swept') // the next sweep catches up
      sweeping ??= repeat({ everyMs: SWEEP_MS, signal: stopped.signal, onError }, () => deps.store.sweep())
    },
    async stop() {
      stopped.abort()
      await sweeping
    },
  }
}

async function judge(options: ScoresOptions, deps: ScoresDeps, offences: Offences): Promise<ScoreOutcome> {
  const [{ peerId }] = offences
  if (deps.isExempt(peerId)) return 'spared'
  const charged = await charge(deps, peerId, offences)
  if (charged.points < options.threshold) return charged.isRepeated ? 'repeated' : 'charged'
  const { points, latest } = charged
  if (options.mode === 'observe') {
    deps.log.warn({ peerId, points, latest }, 'a peer would be banned for its score, and ban_mode is observe')
    return 'observed'
  }
  const isBanned = await deps.ban(toBan(options, offences, charged))
  deps.metrics.breakerOpen.set(isBanned ? 0 : 1)
  if (!isBanned) {
    deps.log.error(
      { peerId, points, latest },
      'too large a share of the peers would be banned by score, so this one is not: is the own node right? See ban_breaker_share',
    )
    return 'spared'
  }
  deps.log.warn({ peerId, points, latest }, 'peer banned for its score')
  return 'banned'
}

async function charge({ store }: ScoresDeps, peerId: string, offences: Offences): Promise<ChargeOutcome> {
  const priced = offences.map(({ reason, cause, evidence }) => ({ reason, cause, evidence, points: SCORE_POINTS[reason] }))
  try {
    return await store.charge(peerId, priced)
  } catch (error) {
    throw unavailable('changed', error)
  }
}

function unavailable(work: 'read' | 'changed', error: unknown): unknown {
  if (error instanceof Error && 'isPermanent' in error && error.isPermanent === true) return error
  const detail = error instanceof Error ? error.message : String(error)
  return new RetryLaterError(`the scores cannot be ${work} now: ${detail}`, { cause: error })
}

function toBan({ threshold, banDurationMs }: ScoresOptions, offences: Offences, { points, latest }: ChargeOutcome): ScoreBan {
  const { peerId, reason, cause } = offences.at(-1) ?? offences[0]
  return {
    peerId,
    durationSeconds: banDurationMs / 1000,
    reason: `score ${points} of ${threshold}: ${reason}`,
    cause: `score:${peerId}:${cause}`,
    evidence: { points, threshold, offences: latest },
  }
}
