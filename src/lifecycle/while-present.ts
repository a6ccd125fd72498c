import type { Clock } from './clock.ts'
import { repeat } from './time.ts'

export interface WhilePresentOptions {
  readonly checkEachMs: number
  /** How long it has to be absent before the dependent is stopped. */
  readonly stopAfterMs: number
}

export interface WhilePresentDeps {
  readonly isPresent: () => boolean
  readonly start: () => Promise<{ stop(): Promise<void> }>
  readonly onAway: () => void
  readonly onError: (error: unknown) => void
  readonly clock: Pick<Clock, 'steady'>
}

/** Runs a dependent only while something else is present: starts it at once, and stops it only after a longer absence. */
export class WhilePresent {
  readonly #options: WhilePresentOptions
  readonly #deps: WhilePresentDeps
  readonly #stopped = new AbortController()
  #isStarted = false
  #running: { stop(): Promise<void> } | undefined
  #step: Promise<void> = Promise.resolve()
  #isStepping = false
  #presentAt = 0

  constructor(options: WhilePresentOptions, deps: WhilePresentDeps) {
    this.#options = options
    this.#deps = deps
  }

  start(): void {
    this.#deps.onAway()
    this.#isStarted = true
    const { signal } = this.#stopped
    void repeat({ everyMs: this.#options.checkEachMs, signal, onError: this.#deps.onError }, () => this.check())
    this.check()
  }

  /** Call it when presence may have changed. Otherwise the next regular check notices. */
  check(): void {
    if (this.#isStepping || !this.#isStarted || this.#stopped.signal.aborted) return
    const isPresent = this.#deps.isPresent()
    if (isPresent) this.#presentAt = this.#deps.clock.steady()
    const isLongGone = this.#deps.clock.steady() - this.#presentAt >= this.#options.stopAfterMs
    if (isPresent === Boolean(this.#running) || (!isPresent && !isLongGone)) return
    this.#isStepping = true
    this.#step = this.#switch(isPresent)
      .catch(this.#deps.onError)
      .finally(() => {
        this.#isStepping = false
      })
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
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
