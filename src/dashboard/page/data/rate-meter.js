/** Milliseconds of one bucket, here and in latency-meter.js. */
export const BUCKET_MS = 5000
/** An hour, and the bucket that is being filled. */
const BUCKETS = 721
/** What a tile shows: five minutes. */
const SHORT = 59
/** A rate over less than this says nothing. */
const FIRST_RATE_MS = 10_000

/** Counts events of the last hour in buckets of five seconds, by their own time; those from before the start do not count. */
export class RateMeter {
  total = 0
  #startedAt = Number.POSITIVE_INFINITY
  #buckets = new Uint32Array(BUCKETS)
  #newest = 0

  /** Begins to count, at this time of the events' clock. */
  start(time) {
    this.#startedAt = time
  }

  add(time) {
    if (time < this.#startedAt) return
    this.total += 1
    const bucket = Math.floor(time / BUCKET_MS)
    this.#moveTo(bucket)
    if (bucket > this.#newest - BUCKETS) this.#buckets[bucket % BUCKETS] += 1
  }

  clear() {
    this.total = 0
    this.#buckets.fill(0)
  }

  /**
   * The last `most` complete buckets, oldest first. The one that is being filled is left out, and so is the one in which the page began: they
   * would look like a fall at the end of every chart, and like a climb at its beginning.
   */
  series(now, most = SHORT) {
    const current = Math.floor(now / BUCKET_MS)
    this.#moveTo(current)
    const length = Math.min(BUCKETS - 1, most, Math.max(0, current - Math.ceil(this.#startedAt / BUCKET_MS)))
    return Array.from({ length }, (_, index) => this.#buckets[(this.#newest + BUCKETS - length + index) % BUCKETS])
  }

  /** Events per minute over the last minute, or since the start where that is shorter; null while it is too early to say. */
  perMinute(now) {
    const last = this.series(now).slice(-12)
    if (last.length * BUCKET_MS < FIRST_RATE_MS) return null
    return (last.reduce((sum, value) => sum + value, 0) * 12) / last.length
  }

  #moveTo(bucket) {
    if (bucket <= this.#newest) return
    const steps = Math.min(BUCKETS, bucket - this.#newest)
    for (let step = 1; step <= steps; step++) this.#buckets[(this.#newest + step) % BUCKETS] = 0
    this.#newest = bucket
  }
}
