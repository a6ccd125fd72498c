import { BUCKET_MS } from './rate-meter.js'

const BUCKETS = 720
/** Samples of one bucket; of more, the first ones count. */
const SAMPLES = 500

/** Median and highest of a latency, in buckets of five seconds over the last hour. */
export class LatencyMeter {
  /** By bucket number: `{ median, highest }`, in milliseconds. */
  #done = new Map()
  #current = 0
  #samples = []
  #highest = 0

  /** `ms`: the latency of an event that came at `time`. Clocks differ a little, so a negative one counts as none. */
  add(time, ms) {
    if (!Number.isFinite(ms)) return
    this.#moveTo(Math.floor(time / BUCKET_MS))
    const value = Math.max(0, ms)
    this.#highest = Math.max(this.#highest, value)
    if (this.#samples.length < SAMPLES) this.#samples.push(value)
  }

  /** The last `length` complete buckets, oldest first: `{ median, highest }`, each null where nothing came. */
  series(now, length) {
    const current = Math.floor(now / BUCKET_MS)
    this.#moveTo(current)
    const buckets = Array.from({ length }, (_, index) => this.#done.get(current - length + index))
    return { median: buckets.map((bucket) => bucket?.median ?? null), highest: buckets.map((bucket) => bucket?.highest ?? null) }
  }

  #moveTo(bucket) {
    if (bucket <= this.#current) return
    if (this.#samples.length > 0) {
      const sorted = this.#samples.sort((a, b) => a - b)
      this.#done.set(this.#current, { median: sorted[Math.floor(sorted.length / 2)], highest: this.#highest })
    }
    this.#current = bucket
    this.#samples = []
    this.#highest = 0
    for (const oldest of this.#done.keys()) {
      if (oldest >= bucket - BUCKETS) break
      this.#done.delete(oldest)
    }
  }
}
