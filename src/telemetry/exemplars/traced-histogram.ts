import { Histogram, type HistogramConfiguration } from 'prom-client'

/** A histogram that keeps the latest trace of each bucket, as an exemplar: who sees a slow value finds what was slow. */
export interface TracedHistogram<Label extends string> {
  /** `traceparent` is the header of the record that was measured; the trace is kept if it is recorded anywhere. */
  observe(labels: Readonly<Record<Label, string>>, value: number, traceparent?: string | undefined): void
}

/** As prom-client's writer of OpenMetrics wants it. */
interface Exemplar {
  readonly labelSet: { readonly trace_id: string }
  readonly value: number
  /** Prometheus takes the time of the scrape. */
  readonly timestamp: ''
}

/** Of a `traceparent` whose trace is recorded: the last bit of its flags says so. */
const RECORDED = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f][13579bdf]/

/** prom-client keeps exemplars only in a registry that can serve nothing but OpenMetrics, so they are kept here, and added when that is asked for. */
export function createTracedHistogram<Label extends string>(
  config: HistogramConfiguration<Label> & { readonly labelNames: readonly Label[]; readonly buckets: number[] },
): TracedHistogram<Label> {
  const histogram = new Histogram(config)
  const latest = new Map<string, Exemplar>()
  const keyOf = (labels: Readonly<Partial<Record<string, string | number>>>, bound: string | number) =>
    JSON.stringify([String(bound), ...config.labelNames.map((name) => labels[name])])
  const get = histogram.get.bind(histogram)
  histogram.get = async () => {
    const found = await get()
    const values = found.values.map((value) => {
      const { le }: { le?: string | number } = value.labels
      const exemplar = le === undefined ? undefined : latest.get(keyOf(value.labels, le))
      return exemplar === undefined ? value : { ...value, exemplar }
    })
    return { ...found, values }
  }
  return {
    observe(labels, value, traceparent) {
      histogram.observe({ ...labels }, value)
      const traceId = traceparent === undefined ? undefined : RECORDED.exec(traceparent)?.[1]
      if (traceId === undefined) return
      const bound = config.buckets.find((upper) => value <= upper) ?? '+Inf'
      latest.set(keyOf(labels, bound), { labelSet: { trace_id: traceId }, value, timestamp: '' })
    },
  }
}
