/** How large the young generation may become, both halves together, in MB. */
export const YOUNG_MB = { calm: 8, busy: 32 } as const

/** Collections that are closer to each other than this are a sign of load. */
const CLOSE_MS = 1000
/** A start is over by then. What it leaves behind would stay committed for as long as the bridge has little to do. */
const BUSY_AFTER_MS = 5000
/** So long without a collection, and the load is over. */
const CALM_AFTER_MS = 10_000

/**
 * Bounds the young generation, in which V8 makes new objects: 8 MB, and 32 MB once collections have followed each other closely for 5 s. V8
 * by itself fills 32 MB in Node 20 and 22, and 128 MB in Node 24
 * (findings/node-24-young-generation.sh). It grows by a factor, and by none when the factor is 1.
 */
export class YoungGeneration {
  readonly #setFactor: (factor: number) => void
  #factor = 2
  #mostMb: number = YOUNG_MB.calm
  #lastAt = Number.NEGATIVE_INFINITY
  #closeSince = 0

  constructor(setFactor: (factor: number) => void) {
    this.#setFactor = setFactor
  }

  /** Call it after each collection of young garbage, with its time in milliseconds and the size of the young generation. */
  collected(at: number, sizeMb: number): void {
    const gap = at - this.#lastAt
    this.#lastAt = at
    if (gap > CLOSE_MS) this.#closeSince = at
    if (gap > CALM_AFTER_MS) this.#mostMb = YOUNG_MB.calm
    else if (at - this.#closeSince >= BUSY_AFTER_MS) this.#mostMb = YOUNG_MB.busy
    this.#choose(sizeMb < this.#mostMb ? 2 : 1)
  }

  #choose(factor: number): void {
    if (factor === this.#factor) return
    this.#factor = factor
    this.#setFactor(factor)
  }
}
