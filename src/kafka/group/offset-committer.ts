export interface CommitPoint {
  readonly topic: string
  readonly partition: number
  /** The offset behind the last record that is done with. */
  readonly next: bigint
  /** A text that Kafka keeps beside it. */
  readonly metadata?: string
}

export interface OffsetCommitterDeps {
  /** What has moved since its last commit. */
  readonly collect: () => CommitPoint[]
  readonly commit: (points: CommitPoint[]) => Promise<void>
  /** Hears a commit that failed; the points come up again with the next one. */
  readonly onError: (error: unknown) => void
}

/** Commits at most once per interval and one request at a time, however many records are done meanwhile. */
export class OffsetCommitter {
  readonly #intervalMs: number
  readonly #deps: OffsetCommitterDeps
  #timer: NodeJS.Timeout | undefined
  #last: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor({ intervalMs }: { intervalMs: number }, deps: OffsetCommitterDeps) {
    this.#intervalMs = intervalMs
    this.#deps = deps
  }

  /** To be called when something is done with. */
  schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.flush()
    }, this.#intervalMs)
  }

  /** Commits now, after a commit that is under way. Never rejects. */
  flush(): Promise<void> {
    this.#last = this.#last.then(() => this.#commit())
    return this.#last
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  async #commit(): Promise<void> {
    const points = this.#deps.collect()
    if (points.length === 0) return
    try {
      await this.#deps.commit(points)
    } catch (error) {
      this.#deps.onError(error)
      if (!this.#isStopped) this.schedule()
    }
  }
}
