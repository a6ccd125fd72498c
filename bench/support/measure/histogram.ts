/** Cumulative number of observations by the upper bounds of a histogram's buckets, all labels together. */
export type Histogram = ReadonlyMap<number, number>

/** Reads one histogram from the metrics of a bridge. */
export async function readHistogram(healthPort: number, name: string): Promise<Histogram> {
  const text = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text()
  const buckets = new Map<number, number>()
  for (const [, bound = '', count] of text.matchAll(new RegExp(`^${name}_bucket\\{(?:[^}]*,)?le="([^"]+)"[^}]*\\} (\\d+)$`, 'gm'))) {
    const value = bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound)
    buckets.set(value, (buckets.get(value) ?? 0) + Number(count))
  }
  return buckets
}

/**
 * The value that this share of the observations since `before` did not exceed; interpolated linearly between two bounds, as Prometheus
 * does.
 */
export function quantile(after: Histogram, before: Histogram, share: number): number {
  const bounds = [...after].map(([bound, count]) => ({ bound, count: count - (before.get(bound) ?? 0) })).sort((a, b) => a.bound - b.bound)
  const wanted = share * (bounds.at(-1)?.count ?? 0)
  let low = { bound: 0, count: 0 }
  for (const high of bounds) {
    if (high.count >= wanted && high.count > low.count) {
      const part = (wanted - low.count) / (high.count - low.count)
      return Number.isFinite(high.bound) ? low.bound + part * (high.bound - low.bound) : low.bound
    }
    low = high
  }
  return Number.NaN
}
