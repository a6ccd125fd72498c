import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'

/** By how much the heap may grow, in percent of what is in use, before V8 collects old garbage. */
export const GROWTH_PERCENT = { calm: 30, busy: 100 } as const

/** Collections closer to each other than this cost more than the memory that they save. */
const BUSY_GAP_MS = 4000
/** So many in a row: two of them happen beside each other at any load, and a larger heap lasts until the next one. */
const BUSY_GAPS = 2
/** From this gap on the smaller growth costs nothing that one could measure. */
const CALM_GAP_MS = 12_000

/**
 * Makes V8 collect old garbage once the heap has grown by 30 percent; by 100 percent while collections follow each other closely. By
 * default, on a machine with much memory, V8 waits until the heap is up to four times its live size: a bridge that receives 300 messages a
 * second then takes 400 to 500 MB, of which 75 are in use. At that rate collecting more often costs less than one percent of a core; at
 * full speed it takes an eighth of the CPU time (bench/README.md).
 */
export function limitHeapGrowth(): void {
  const growth = new HeapGrowth((percent) => setFlagsFromString(`--heap-growing-percent=${percent}`))
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (isOldCollection(entry)) growth.collected(entry.startTime)
  }).observe({ entryTypes: ['gc'] })
}

/** Chooses the growth from the times of the collections of old garbage, in milliseconds. */
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

function isOldCollection(entry: PerformanceEntry & { readonly detail?: { readonly kind?: number } }): boolean {
  return entry.detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR
}
