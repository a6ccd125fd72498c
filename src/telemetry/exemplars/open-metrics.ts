import { type MetricObjectWithValues, type MetricValue, Registry } from 'prom-client'

const TYPE = /^application\/openmetrics-text$/i

/** The metrics as OpenMetrics, which has exemplars. */
export interface OpenMetrics {
  readonly contentType: string
  metrics(): Promise<string>
}

/**
 * Whether a scraper prefers OpenMetrics, by its `Accept`: Prometheus asks for it with the highest weight when it keeps exemplars. A
 * browser and curl get the plain text.
 */
export function prefersOpenMetrics(accept: string | undefined): boolean {
  const offers = (accept ?? '').split(',').map((offer) => {
    const [type = '', ...parameters] = offer.split(';').map((part) => part.trim())
    const weight = parameters.map((text) => /^q=([01](?:\.\d{0,3})?)$/i.exec(text)?.[1]).find((text) => text !== undefined)
    return { isOpen: TYPE.test(type), isPlain: /^(text\/plain|text\/\*|\*\/\*)$/i.test(type), weight: Number(weight ?? 1) }
  })
  const best = (list: typeof offers) => Math.max(0, ...list.map(({ weight }) => weight))
  const open = best(offers.filter(({ isOpen }) => isOpen))
  return open > 0 && open >= best(offers.filter(({ isPlain }) => isPlain))
}

/**
 * prom-client writes OpenMetrics, but its registry then takes `_total` from the names of the counters for good, so that a registry cannot
 * serve both formats. So each metric is handed to a second registry under the name that OpenMetrics wants.
 */
export function createOpenMetrics(registry: Pick<Registry, 'getMetricsAsArray'>): OpenMetrics {
  const open = new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>()
  open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  const writer = open as unknown as Writer
  return {
    contentType: open.contentType,
    async metrics() {
      const metrics = registry.getMetricsAsArray() as unknown as Readable[]
      const texts = await Promise.all(metrics.map((metric) => writer.getMetricsAsString(renamed(metric))))
      // An exemplar without a time leaves a space at the end of its line.
      return `${texts.join('\n').replaceAll(/ $/gm, '')}\n# EOF\n`
    },
  }
}

/** The parts of prom-client 15.1.3 that its types leave out. */
interface Writer {
  getMetricsAsString(metric: Pick<Readable, 'get'>): Promise<string>
}
interface Readable {
  get(): Promise<Values>
}
type Values = Omit<MetricObjectWithValues<MetricValue<string>>, 'type'> & { readonly type: string }

function renamed(metric: Readable): Pick<Readable, 'get'> {
  return {
    async get() {
      const values = await metric.get()
      return values.type === 'counter' ? { ...values, name: values.name.replace(/_total$/, '') } : values
    },
  }
}
