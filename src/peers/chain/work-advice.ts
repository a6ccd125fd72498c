import type { Clock } from '../../lifecycle/clock.ts'
import { type Announcement, contentOf, kindOf } from '../../messages/announcement.ts'
import { headerWork } from '../../messages/rules/block-header.ts'

export interface WorkAdviceOptions {
  /** The setting `min_block_work`, in expected hashes. */
  readonly minBlockWork: bigint
}

export interface WorkAdviceDeps {
  readonly clock: Pick<Clock, 'steady'>
  readonly warn: (fields: { signers: number; work: string; minBlockWork: string }, sentence: string) => void
}

/** Signers whose headers were refused for too little work, and the median of that work in expected hashes. */
export interface RefusedWork {
  readonly signers: number
  readonly work: bigint
}

const WINDOW_MS = 600_000
/** Fewer may be one person with several keys who tries. */
const ENOUGH_SIGNERS = 3
const MAX_SIGNERS = 1000

/**
 * Notices when several signers announce blocks whose headers prove less work than `min_block_work`: when miners leave, the difficulty of
 * the honest chain may fall below an absolute setting, and this bridge would refuse every block. It only advises; the blocks stay refused.
 */
export class WorkAdvice {
  readonly #options: WorkAdviceOptions
  readonly #deps: WorkAdviceDeps
  /** The latest refused header of each signer, the oldest first. */
  readonly #refused = new Map<string, { readonly at: number; readonly work: bigint }>()
  #saidAt = Number.NEGATIVE_INFINITY

  constructor(options: WorkAdviceOptions, deps: WorkAdviceDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** A verified signer's announcement was refused for its header's work. */
  refused(announcement: Announcement, signer: string): void {
    const { header } = kindOf(announcement.type)
    const given = header && contentOf(announcement)[header]
    if (typeof given !== 'string') return
    const now = this.#deps.clock.steady()
    this.#refused.delete(signer)
    this.#refused.set(signer, { at: now, work: headerWork(given) })
    const [oldest] = this.#refused.keys()
    if (this.#refused.size > MAX_SIGNERS && oldest !== undefined) this.#refused.delete(oldest)
    if (now - this.#saidAt < WINDOW_MS) return
    const { signers, work } = this.seen()
    if (signers < ENOUGH_SIGNERS) return
    this.#saidAt = now
    const { minBlockWork } = this.#options
    this.#deps.warn({ signers, work: String(work), minBlockWork: String(minBlockWork) }, this.sentence())
  }

  /** Of the last ten minutes. */
  seen(): RefusedWork {
    const oldest = this.#deps.clock.steady() - WINDOW_MS
    for (const [signer, { at }] of this.#refused) {
      if (at >= oldest) break
      this.#refused.delete(signer)
    }
    const works = [...this.#refused.values()].map(({ work }) => work).sort((left, right) => (left < right ? -1 : 1))
    return { signers: works.length, work: works[works.length >> 1] ?? 0n }
  }

  /** For an operator. */
  sentence(): string {
    const { signers, work } = this.seen()
    if (signers < ENOUGH_SIGNERS) return 'ok'
    return (
      `${signers} signers have announced blocks with less work than min_block_work in the last 10 minutes (median ${work} hashes, ` +
      `${this.#options.minBlockWork} are asked for): the setting may be too high, or they are on another chain`
    )
  }
}
