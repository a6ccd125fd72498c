/** By how much the heap may grow, in percent of what is in use, before V8 collects old garbage. */
export const GROWTH_PERCENT = { calm: 30, busy: 100 } as const

/** Collections closer to each other than this cost more than the memory that they save. */
const BUSY_GAP_MS = 4000
/** So many in a row: two of them happen beside each other at any load, and a larger heap lasts until the next one. */
const BUSY_GAPS = 2
/** From this gap on the smaller growth costs nothing that one could measure. */
const CALM_GAP_MS = 12_000

/**
 * Chooses how far the heap may grow before V8 collects old garbage, from the times of these collections, in milliseconds: by 30 percent; by
 * 100 percent while they follow each other closely. By default, on a machine with much memory, V8 waits until the heap is up to four times
 * its live size: a bridge that receives 300 messages a second then takes 400 to 500 MB, of which 75 are in use. At that rate collecting
 * more often costs less than one percent of a core; at full speed it takes an eighth of the CPU time (bench/README.md).
 */
export class HeapGrowth {
  readonly #setPercent: (percent: number) => void
  #percent: number = GROWTH_PERCENT.calm
  #lastAt = Number.NEGATIVE_INFINITY
  #shortGaps = 0

  constructor(setPercent: (percent: number) => void) {
    this.#setPercent = setPercent
    setPercent(this.#percent)
  }

  collected(at: number): void {
    const gap = at - this.#lastAt
    this.#lastAt = at
    this.#shortGaps = gap < BUSY_GAP_MS ? this.#shortGaps + 1 : 0
    if (this.#shortGaps >= BUSY_GAPS) this.#choose(GROWTH_PERCENT.busy)
    else if (gap > CALM_GAP_MS) this.#choose(GROWTH_PERCENT.calm)
  }

  #choose(percent: number): void {
    if (percent === this.#percent) return
    this.#percent = percent
    this.#setPercent(percent)
  }
}
