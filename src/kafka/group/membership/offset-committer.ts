import type { CommitRequest } from '../assigned-partitions.ts'

export interface OffsetCommitterDeps {
  /** What has moved since its last commit; undefined when nothing has. */
  readonly collect: () => CommitRequest | undefined
  readonly commit: (request: CommitRequest) => Promise<void>
  /** Hears a commit that failed; its points come up again with the next one. */
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
