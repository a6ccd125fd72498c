import type { Clock } from '../../lifecycle/clock.ts'
import { sleep } from '../../lifecycle/time.ts'

export interface ThrottleDeps {
  readonly clock: Clock
  /** Makes the next request use a new connection. */
  readonly reconnect: () => Promise<void>
}

/** A request was not answered because the broker reads nothing before the pause is over: send the same batch again then. */
export class ThrottledError extends Error {
  override readonly name = 'ThrottledError'
}

/**
 * In a longer pause, the time after which a small batch over a new connection checks whether the quota still holds. The broker reads the
 * old connection only after the whole pause, even when an operator has lifted the quota meanwhile.
 */
const LOOK_AFTER_MS = 5000

const NOTHING = () => {}

/**
 * The pauses that a producer quota asks for, for all writes to one topic. A throttled producer is slow, not cut off. While a quota
 * holds, only one request is sent at a time: the broker would not read a second one until the pause of the first is over.
 */
export class Throttle {
  readonly #deps: ThrottleDeps
  #until = Number.NEGATIVE_INFINITY
  #isOn = false
  /** Settles when all turns taken so far have ended. */
  #turns: Promise<void> | undefined

  constructor(deps: ThrottleDeps) {
    this.#deps = deps
  }

  /** A broker asked for this pause in its answer; 0 when no quota holds. */
  heed(ms: number): void {
    this.#isOn = ms > 0
    if (ms > 0) this.#until = Math.max(this.#until, this.#deps.clock.steady() + ms)
  }

  /** True while the broker reads nothing from us. */
  isPausing(): boolean {
    return this.#until > this.#deps.clock.steady()
  }

  /** Resolves when a batch may be sent, or the signal aborts. The caller calls the returned function when the answer has arrived. */
  async turn(signal: AbortSignal): Promise<() => void> {
    if (!this.#isOn && !this.#turns) return NOTHING
    const before = this.#turns
    let release = NOTHING
    const own = new Promise<void>((resolve) => {
      release = resolve
    })
    const turns = Promise.all([before, own]).then(() => {
      if (this.#turns === turns) this.#turns = undefined
    })
    this.#turns = turns
    await before
    await this.pause(signal)
    return release
  }

  /** Resolves when the pause is over, or the signal aborts. */
  async pause(signal: AbortSignal): Promise<void> {
    const { clock, reconnect } = this.#deps
    while (!signal.aborted) {
      const leftMs = this.#until - clock.steady()
      if (leftMs <= 0) return
      await sleep(Math.min(leftMs, LOOK_AFTER_MS), signal)
      if (signal.aborted || leftMs <= LOOK_AFTER_MS || !this.isPausing()) continue
      this.#until = Number.NEGATIVE_INFINITY
      await reconnect()
    }
  }
}
