/** The figures of one arrow in the table. */
export interface TallyFigures {
  readonly count: number
  readonly repeats: number
  /** Arrivals per second over the last seconds. */
  readonly rate: number
  /** Milliseconds; undefined while no latency is known. */
  readonly p50: number | undefined
  readonly p99: number | undefined
}

/** Each bucket is this much wider than the previous one, so a percentile is at most 3 % off; below 30 ms it is exact. */
const GROWTH = 1.03
const EXACT_BELOW_MS = 30
const RATE_SECONDS = 5

/** Counts arrivals and their latencies in a few hundred numbers, however long the run. */
export class Tally {
  #count = 0
  #repeats = 0
  #latencies = 0
  readonly #buckets = new Map<number, number>()
  readonly #perSecond = new Map<number, number>()

  arrived(now: number): void {
    this.#count++
    const second = Math.floor(now / 1000)
    this.#perSecond.set(second, (this.#perSecond.get(second) ?? 0) + 1)
    for (const old of this.#perSecond.keys()) if (old < second - RATE_SECONDS) this.#perSecond.delete(old)
  }

  repeated(): void {
    this.#repeats++
  }

  /** Clocks tick in milliseconds and are read in different processes: an arrival "before" its cause counts as 0 ms. */
  took(ms: number): void {
    const bucket = bucketOf(Math.max(0, ms))
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1)
    this.#latencies++
  }

  figures(now: number): TallyFigures {
    const second = Math.floor(now / 1000)
    const recent = Array.from({ length: RATE_SECONDS }, (_, ago) => this.#perSecond.get(second - 1 - ago) ?? 0)
    const rate = recent.reduce((sum, count) => sum + count, 0) / RATE_SECONDS
    return { count: this.#count, repeats: this.#repeats, rate, p50: this.#percentile(0.5), p99: this.#percentile(0.99) }
  }

  #percentile(share: number): number | undefined {
    let left = Math.ceil(this.#latencies * share)
    for (const bucket of [...this.#buckets.keys()].sort((a, b) => a - b)) {
      left -= this.#buckets.get(bucket) ?? 0
      if (left <= 0) return millisecondsOf(bucket)
    }
    return undefined
  }
}

function bucketOf(ms: number): number {
  if (ms < EXACT_BELOW_MS) return Math.round(ms)
  return EXACT_BELOW_MS + Math.floor(Math.log(ms / EXACT_BELOW_MS) / Math.log(GROWTH))
}

function millisecondsOf(bucket: number): number {
  if (bucket < EXACT_BELOW_MS) return bucket
  return Math.round(EXACT_BELOW_MS * GROWTH ** (bucket - EXACT_BELOW_MS + 0.5))
}
