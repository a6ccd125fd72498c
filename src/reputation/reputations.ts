import type { Logger } from 'pino'
import type { Clock } from '../lifecycle/clock.ts'
import { repeat } from '../lifecycle/time.ts'
import { RetryLaterError } from '../messages/errors.ts'
import type { PeerReports, PeerReputation, ReputationCursor, ReputationStore, Reputations } from './ports.ts'
import { addReport, applyReports, joinReports, NO_REPORTS, type Report, type Reports } from './report.ts'
import { NO_REPUTATION, type Reputation } from './reputation.ts'

export interface SharedReputationsOptions {
  readonly maxPeers: number
  /** Pause between two writes; reports in between are summed up. */
  readonly writeMs?: number
  /** How often the reports of other instances are read. */
  readonly readMs?: number
}

export interface SharedReputationsDeps {
  readonly store: ReputationStore
  /** Called for each report that is not kept: more than `maxPeers` wait for the store. */
  readonly onLost: () => void
  readonly log: Logger
  /** `wall`: reports carry the time at which they came. */
  readonly clock: Pick<Clock, 'wall'>
}

const WRITE_MS = 1000
const READ_MS = 5000
const SWEEP_MS = 600_000
/** Peers in one write. */
const MOST_PER_WRITE = 500

/**
 * The reputations of all peers in memory, written to the store once a second and read back from it. Reports count here at once; other
 * instances read them a few seconds later.
 */
export class SharedReputations implements Reputations {
  readonly #options: SharedReputationsOptions
  readonly #deps: SharedReputationsDeps
  readonly #stopped = new AbortController()
  /** With all reports. The least recently changed come first. */
  readonly #reputations = new Map<string, Reputation>()
  /** Not in the store yet. */
  #pending = new Map<string, Reports>()
  #cursor: ReputationCursor = null
  #loops: Promise<unknown> | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #isAway = false

  constructor(options: SharedReputationsOptions, deps: SharedReputationsDeps) {
    this.#options = options
    this.#deps = deps
  }

  start(): void {
    const { writeMs = WRITE_MS, readMs = READ_MS } = this.#options
    const { signal } = this.#stopped
    const onError = (error: unknown) => this.#failed(error)
    this.#loops ??= Promise.all([
      repeat({ everyMs: writeMs, signal, onError }, () => this.#inTurn(() => this.#write())),
      repeat({ everyMs: readMs, isFirstNow: true, signal, onError }, () => this.#inTurn(() => this.#read())),
      repeat({ everyMs: SWEEP_MS, signal, onError }, () => this.#deps.store.sweep()),
    ])
  }

  /** Writes what is pending, unless the store is away. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#loops
    await this.#inTurn(() => this.#write()).catch((error: unknown) => this.#failed(error))
  }

  get(peerId: string): Reputation | undefined {
    return this.#reputations.get(peerId)
  }

  all(): ReadonlyMap<string, Reputation> {
    return this.#reputations
  }

  report(peerId: string, report: Report): void {
    const pending = this.#pending.get(peerId)
    if (!pending && this.#pending.size >= this.#options.maxPeers) {
      this.#deps.onLost()
      return
    }
    const now = this.#deps.clock.wall()
    this.#pending.set(peerId, addReport(pending ?? NO_REPORTS, report, now))
    this.#keep(peerId, applyReports(this.#reputations.get(peerId) ?? NO_REPUTATION, addReport(NO_REPORTS, report, now)))
  }

  async reset(peerId: string | null): Promise<number> {
    try {
      return await this.#inTurn(async () => {
        await this.#write() // so that those count which were reported a moment ago
        const count = await this.#deps.store.reset(peerId)
        for (const map of [this.#reputations, this.#pending]) {
          if (peerId === null) map.clear()
          else map.delete(peerId)
        }
        return count
      })
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error)
      throw new RetryLaterError(`the reputations cannot be reset now: ${detail}`, { cause: error })
    }
  }

  /** One call of the store at a time, so that an answer is never older than what is known already. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => {})
    return result
  }

  async #write(): Promise<void> {
    const batch = [...this.#pending].slice(0, MOST_PER_WRITE)
    if (batch.length === 0) return
    for (const [peerId] of batch) this.#pending.delete(peerId)
    const reports = batch.map(([peerId, given]): PeerReports => ({ peerId, reports: given }))
    try {
      this.#take(await this.#deps.store.add(reports))
      this.#isAway = false
    } catch (error) {
      for (const [peerId, given] of batch) this.#pending.set(peerId, joinReports(given, this.#pending.get(peerId) ?? NO_REPORTS))
      throw error
    }
  }

  async #read(): Promise<void> {
    const { changed, cursor } = await this.#deps.store.read(this.#cursor)
    this.#cursor = cursor
    this.#isAway = false
    this.#take(changed)
  }

  #take(reputations: readonly PeerReputation[]): void {
    for (const { peerId, reputation } of reputations) {
      const pending = this.#pending.get(peerId)
      this.#keep(peerId, pending ? applyReports(reputation, pending) : reputation)
    }
  }

  #keep(peerId: string, reputation: Reputation): void {
    this.#reputations.delete(peerId)
    this.#reputations.set(peerId, reputation)
    const [oldest] = this.#reputations.keys()
    if (this.#reputations.size > this.#options.maxPeers && oldest !== undefined) this.#reputations.delete(oldest)
  }

  #failed(error: unknown): void {
    if (!this.#isAway) this.#deps.log.warn({ err: error }, 'reputations of peers cannot be kept now: they count in memory until they can')
    this.#isAway = true
  }
}
