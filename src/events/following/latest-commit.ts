import type { Clock } from '../../lifecycle/clock.ts'
import type { CommittedPlace } from '../ports.ts'

export interface LatestCommitDeps {
  readonly commit: (place: CommittedPlace) => Promise<void>
  readonly clock: Pick<Clock, 'steady'>
}

/**
 * Commits in parallel with the work: one commit at a time, at most one in `everyMs`. Of the offsets that arrive meanwhile only the
 * latest is committed.
 */
export class LatestCommit {
  readonly #deps: LatestCommitDeps
  readonly #everyMs: number
  #latest: CommittedPlace | undefined
  #running: Promise<void> | undefined
  #underWay: Promise<boolean> | undefined
  #failed: { readonly error: unknown } | undefined
  #startedAt = Number.NEGATIVE_INFINITY
  #hurried = 0
  #isUrgent = false
  #endPause: (() => void) | undefined
  /** The last offset that the group accepted. */
  committed: bigint | undefined

  constructor({ everyMs }: { everyMs: number }, deps: LatestCommitDeps) {
    this.#deps = deps
    this.#everyMs = everyMs
  }

  /** Returns at once. An urgent commit does not wait for `everyMs`. */
  push(place: CommittedPlace, { isUrgent = false } = {}): void {
    this.#latest = place
    if (isUrgent) {
      this.#isUrgent = true
      this.#endPause?.()
    }
    this.#running ??= this.#run()
  }

  /** Resolves when nothing is left to commit, whether or not it succeeded. A commit that waits for `everyMs` is sent now. */
  async settled(): Promise<void> {
    this.#hurried += 1
    this.#endPause?.()
    await this.#running
    this.#hurried -= 1
  }

  /**
   * Resolves when an offset is committed, when a commit has failed, or when none is under way. A commit that waits for `everyMs` is sent
   * now.
   */
  async reached(next: bigint): Promise<void> {
    this.#hurried += 1
    this.#endPause?.()
    while (this.#running && !this.#failed && (this.committed === undefined || this.committed < next)) await this.#underWay
    this.#hurried -= 1
  }

  /** Throws the error of a commit that failed, once. */
  check(): void {
    const failed = this.#failed
    this.#failed = undefined
    if (failed) throw failed.error
  }

  async #run(): Promise<void> {
    let isGood = true
    while (this.#latest !== undefined && isGood) {
      const waitMs = this.#hurried > 0 || this.#isUrgent ? 0 : this.#startedAt + this.#everyMs - this.#deps.clock.steady()
      if (waitMs > 0) await this.#pause(waitMs)
      this.#startedAt = this.#deps.clock.steady()
      this.#isUrgent = false
      const place = this.#latest
      this.#latest = undefined
      this.#underWay = this.#commitOne(place)
      isGood = await this.#underWay
    }
    this.#latest = undefined
    this.#running = undefined
  }

  /** Whether the group accepted it. */
  async #commitOne(place: CommittedPlace): Promise<boolean> {
    try {
      await this.#deps.commit(place)
      this.committed = place.next
      return true
    } catch (error) {
      this.#failed = { error }
      return false
    }
  }

  #pause(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#endPause?.(), waitMs)
      this.#endPause = () => {
        clearTimeout(timer)
        this.#endPause = undefined
        resolve()
      }
    })
  }
}
