interface Place {
  readonly next: bigint
  readonly proof: string
}

/** Commits beside the work: one commit at a time, not more often than asked for, and of the offsets that come meanwhile only the latest. */
export class LatestCommit {
  readonly #commit: (next: bigint, proof: string) => Promise<void>
  readonly #eachMs: number
  #latest: Place | undefined
  #running: Promise<void> | undefined
  #underWay: Promise<boolean> | undefined
  #failed: { readonly error: unknown } | undefined
  #startedAt = Number.NEGATIVE_INFINITY
  #hurried = 0
  #isUrgent = false
  #endPause: (() => void) | undefined
  /** What the group has been told last. */
  committed: bigint | undefined

  constructor(commit: (next: bigint, proof: string) => Promise<void>, { eachMs = 0 } = {}) {
    this.#commit = commit
    this.#eachMs = eachMs
  }

  /** Returns at once. What is urgent does not wait for its time. */
  push(place: Place, { isUrgent = false } = {}): void {
    this.#latest = place
    if (isUrgent) {
      this.#isUrgent = true
      this.#endPause?.()
    }
    this.#running ??= this.#run()
  }

  /** Resolves when nothing is left to commit, whether or not it succeeded. What waits for its time is committed now. */
  async settled(): Promise<void> {
    this.#hurried += 1
    this.#endPause?.()
    await this.#running
    this.#hurried -= 1
  }

  /** Resolves when all before the offset is committed, when a commit has failed, or when none is under way. Waits for no time either. */
  async reached(next: bigint): Promise<void> {
    this.#hurried += 1
    this.#endPause?.()
    while (this.#running && !this.#failed && (this.committed === undefined || this.committed < next)) await this.#underWay
    this.#hurried -= 1
  }

  /** Throws what a commit failed with, once. */
  check(): void {
    const failed = this.#failed
    this.#failed = undefined
    if (failed) throw failed.error
  }

  async #run(): Promise<void> {
    let isGood = true
    while (this.#latest !== undefined && isGood) {
      const waitMs = this.#hurried > 0 || this.#isUrgent ? 0 : this.#startedAt + this.#eachMs - performance.now()
      if (waitMs > 0) await this.#pause(waitMs)
      this.#startedAt = performance.now()
      this.#isUrgent = false
      const place = this.#latest
      this.#latest = undefined
      this.#underWay = this.#commitOne(place)
      isGood = await this.#underWay
    }
    this.#latest = undefined
    this.#running = undefined
  }

  /** Whether the group took it. */
  async #commitOne({ next, proof }: Place): Promise<boolean> {
    try {
      await this.#commit(next, proof)
      this.committed = next
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
