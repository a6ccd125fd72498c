/** Commits beside the work: one commit at a time, and of the offsets that come meanwhile only the latest. */
export class LatestCommit {
  readonly #commit: (next: bigint) => Promise<void>
  #latest: bigint | undefined
  #running: Promise<void> | undefined
  #failed: { readonly error: unknown } | undefined
  /** What the group has been told last. */
  committed: bigint | undefined

  constructor(commit: (next: bigint) => Promise<void>) {
    this.#commit = commit
  }

  /** Returns at once. */
  push(next: bigint): void {
    this.#latest = next
    this.#running ??= this.#run()
  }

  /** Resolves when nothing is being committed, whether or not it succeeded. */
  async settled(): Promise<void> {
    await this.#running
  }

  /** Throws what a commit failed with, once. */
  check(): void {
    const failed = this.#failed
    this.#failed = undefined
    if (failed) throw failed.error
  }

  async #run(): Promise<void> {
    try {
      while (this.#latest !== undefined) {
        const next = this.#latest
        this.#latest = undefined
        await this.#commit(next)
        this.committed = next
      }
    } catch (error) {
      this.#latest = undefined
      this.#failed = { error }
    }
    this.#running = undefined
  }
}
