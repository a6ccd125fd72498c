export interface WhilePresentOptions {
  readonly checkEachMs: number
  /** So long has it to be away before what depends on it is stopped. */
  readonly stopAfterMs: number
}

export interface WhilePresentDeps {
  readonly isPresent: () => boolean
  readonly start: () => Promise<{ stop(): Promise<void> }>
  readonly onAway: () => void
  readonly onError: (error: unknown) => void
  readonly now?: () => number
}

/** Runs something only while something else is there: at once when it comes, and not for a moment's absence when it goes. */
export class WhilePresent {
  readonly #options: WhilePresentOptions
  readonly #deps: WhilePresentDeps
  readonly #now: () => number
  #timer: NodeJS.Timeout | undefined
  #running: { stop(): Promise<void> } | undefined
  #step: Promise<void> = Promise.resolve()
  #isStepping = false
  #presentAt = 0

  constructor(options: WhilePresentOptions, deps: WhilePresentDeps) {
    this.#options = options
    this.#deps = deps
    this.#now = deps.now ?? (() => performance.now())
  }

  start(): void {
    this.#deps.onAway()
    this.#timer = setInterval(() => this.check(), this.#options.checkEachMs)
    this.check()
  }

  /** Also to be called when presence may have changed, so that nobody waits for the next look. */
  check(): void {
    if (this.#isStepping || !this.#timer) return
    const isPresent = this.#deps.isPresent()
    if (isPresent) this.#presentAt = this.#now()
    const isLongGone = this.#now() - this.#presentAt >= this.#options.stopAfterMs
    if (isPresent === Boolean(this.#running) || (!isPresent && !isLongGone)) return
    this.#isStepping = true
    this.#step = this.#switch(isPresent)
      .catch(this.#deps.onError)
      .finally(() => {
        this.#isStepping = false
      })
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    await this.#step
    await this.#running?.stop()
    this.#running = undefined
  }

  async #switch(isPresent: boolean): Promise<void> {
    if (isPresent) {
      this.#running = await this.#deps.start()
      return
    }
    const running = this.#running
    this.#running = undefined
    this.#deps.onAway()
    await running?.stop()
  }
}
