import { KINDS } from '../data/kinds.js'
import { byId, setText } from '../dom/element.js'
import { spanText } from '../dom/format.js'
import { createChart } from './chart.js'
import { lastAndHighest, latenciesOf, ratesOf } from './columns.js'

const LATENCY_LINES = [
  { label: 'Into the event log, median', colour: '--block' },
  { label: 'Into the event log, slowest', colour: '--rejected-tx' },
  { label: 'From there to this page, median', colour: '--subtree' },
]

/** Rates and latencies over time. The library of the charts is loaded when somebody looks at them. */
export class ChartsView {
  #isOpen = false
  #uPlot = null
  #rates = null
  #latencies = null
  /** The kinds that the chart of rates has a line for. */
  #types = ''
  #drawn = ''

  constructor() {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.recolour())
    byId('charts-span').addEventListener('change', () => {
      this.#drawn = ''
    })
  }

  open(isOpen) {
    this.#isOpen = isOpen
    if (isOpen && !this.#uPlot) void this.#load()
  }

  recolour() {
    this.#rates?.recolour()
    this.#latencies?.recolour()
  }

  /** Once a second; the charts change when a bucket is complete. */
  draw({ meters, seenTypes, startedAt, latencies }, now) {
    if (!this.#isOpen || !this.#uPlot || startedAt === null) return
    const most = Number(byId('charts-span').value)
    const shown = KINDS.filter(({ type }) => seenTypes.has(type))
    const types = shown.map(({ type }) => type)
    const rates = ratesOf(meters, { types, now, most })
    byId('charts-state').hidden = rates[0].length > 1
    const signature = `${types} ${most} ${rates[0][rates[0].length - 1]}`
    if (signature === this.#drawn || rates[0].length < 2) return
    this.#drawn = signature
    this.#drawRates(shown, rates)
    this.#drawLatencies(latenciesOf(latencies, { now, length: rates[0].length }))
  }

  #drawRates(shown, columns) {
    const types = shown.map(({ type }) => type).join()
    if (types !== this.#types) {
      this.#types = types
      this.#rates?.destroy()
      const lines = shown.map(({ type, plural }) => ({ label: plural, colour: `--${type}` }))
      this.#rates = createChart(this.#uPlot, { parent: byId('chart-rates'), lines, textOf: rateText, leastTop: 1 })
    }
    this.#rates.draw(columns)
    const said = shown.map(({ plural }, index) => summary(plural, columns[index + 1], rateText))
    setText(byId('chart-rates-text'), said.filter(Boolean).join('; '))
  }

  #drawLatencies(columns) {
    this.#latencies ??= createChart(this.#uPlot, {
      parent: byId('chart-latencies'),
      lines: LATENCY_LINES,
      textOf: spanText,
      leastTop: 10,
    })
    this.#latencies.draw(columns)
    const said = LATENCY_LINES.map(({ label }, index) => summary(label, columns[index + 1], spanText))
    setText(byId('chart-latencies-text'), said.filter(Boolean).join('; ') || 'No event has come live yet.')
  }

  async #load() {
    try {
      this.#uPlot = (await import('../library/uplot.js')).default
    } catch {
      setText(byId('charts-state'), 'The charts could not be loaded from the bridge; reload the page to try again.')
    }
  }
}

function summary(name, values, textOf) {
  const said = lastAndHighest(values)
  return said ? `${name}: now ${textOf(said.last)}, highest ${textOf(said.highest)}` : ''
}

function rateText(perSecond) {
  return `${Math.round(perSecond * 100) / 100}/s`
}
