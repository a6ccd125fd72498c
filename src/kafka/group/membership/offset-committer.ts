import type { CommitRequest } from '../assigned-partitions.ts'

export interface OffsetCommitterDeps {
  /** Offsets that moved since their last commit; undefined without any. */
  readonly collect: () => CommitRequest | undefined
  readonly commit: (request: CommitRequest) => Promise<void>
  /** Called for a failed commit; the next commit includes its offsets again. */
  readonly onError: (error: unknown) => void
}

/** Commits at most once per interval and one request at a time, however many records finish meanwhile. */
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

  /** Call it when a record is done. */
  schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.flush()
    }, this.#intervalMs)
  }

  /** Commits now, after a commit in flight. Never rejects. */
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
    const request = this.#deps.collect()
    if (!request) return
    try {
      await this.#deps.commit(request)
    } catch (error) {
      this.#deps.onError(error)
      if (!this.#isStopped) this.schedule()
    }
  }
}
