import { byId, element, setText } from '../dom/element.js'
import { compact } from '../dom/format.js'
import { createSparkline } from '../views/sparkline.js'

/** At two seconds each, these are five minutes. */
const KEPT = 150

const FIGURES = [
  { name: 'Peers', kind: 'block', of: ({ peers }) => peers?.total },
  { name: 'Browsers', kind: 'subtree', of: ({ browsers }) => browsers?.clients },
  { name: 'Bans', kind: 'ban', of: ({ bans }) => bans?.total },
  { name: 'Waiting in Kafka', kind: 'mining-on', of: ({ kafka }) => kafka?.lags.reduce((sum, { records }) => sum + records, 0) },
  { name: 'Behind the event log', kind: 'sync', of: ({ kafka }) => kafka?.tailLag },
  { name: 'Pending', kind: 'rejected-tx', of: ({ pending }) => pending?.records },
]

/** The figures that say most, each with its course since the page was opened. A figure that this instance cannot know is left out. */
export class FiguresView {
  #tiles = FIGURES.map((figure) => ({ ...figure, ...makeTile(figure), values: [] }))

  constructor() {
    byId('figures').append(...this.#tiles.map(({ node }) => node))
  }

  draw(status) {
    const isSummary = status.view === 'summary'
    for (const { node, value, spark, values, of, name } of this.#tiles) {
      const figure = isSummary && name === 'Waiting in Kafka' ? null : (of(status) ?? null)
      node.hidden = figure === null
      if (figure === null) continue
      setText(value, compact(figure))
      values.push(figure)
      if (values.length > KEPT) values.shift()
      spark.draw(values.length > 1 ? values : [figure, figure])
    }
  }
}

function makeTile({ name, kind }) {
  const value = element('dd', { className: 'figure-value', text: '–' })
  const spark = createSparkline()
  const node = element('div', { className: 'figure', 'data-kind': kind }, [
    element('dt', { className: 'figure-name' }, [element('span', { className: 'dot' }), element('span', { text: name })]),
    value,
  ])
  value.after(element('dd', { className: 'figure-spark', 'aria-hidden': 'true' }, [spark.element]))
  return { node, value, spark }
}
