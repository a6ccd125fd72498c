const BUCKET_MS = 5000
const BUCKETS = 60

/** Counts events of the last five minutes in buckets of five seconds, by their own time. */
export class RateMeter {
  total = 0
  #buckets = new Array(BUCKETS).fill(0)
  #newest = 0

  add(time) {
    this.total += 1
    const bucket = Math.floor(time / BUCKET_MS)
    this.#moveTo(bucket)
    if (bucket > this.#newest - BUCKETS) this.#buckets[bucket % BUCKETS] += 1
  }

  clear() {
    this.total = 0
    this.#buckets.fill(0)
  }

  /** Complete buckets, oldest first. The current one is left out: it would look like a fall at the end of every chart. */
  series(now) {
    this.#moveTo(Math.floor(now / BUCKET_MS))
    return Array.from({ length: BUCKETS - 1 }, (_, index) => this.#buckets[(this.#newest + 1 + index) % BUCKETS])
  }

  /** The number of events in the last minute of complete buckets. */
  perMinute(now) {
    return this.series(now)
      .slice(-12)
      .reduce((sum, value) => sum + value, 0)
  }

  #moveTo(bucket) {
    if (bucket <= this.#newest) return
    const steps = Math.min(BUCKETS, bucket - this.#newest)
    for (let step = 1; step <= steps; step++) this.#buckets[(this.#newest + step) % BUCKETS] = 0
    if (steps === BUCKETS) this.#buckets.fill(0)
    this.#newest = bucket
  }
}
