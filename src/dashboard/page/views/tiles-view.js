import { KINDS } from '../data/kinds.js'
import { byId, element, setText } from '../dom/element.js'
import { agoText, compact, rateText } from '../dom/format.js'
import { createSparkline } from './sparkline.js'

/** One tile for each kind: count, rate and a chart of the last five minutes. It is also the switch of the kind in the feed. */
export class TilesView {
  #tiles
  #hidden

  /** `hidden`: the kinds that the feed leaves out at first. */
  constructor(hidden, onChange) {
    this.#hidden = new Set(hidden)
    this.#tiles = KINDS.map((kind) => this.#makeTile(kind, onChange))
    byId('tiles').append(...this.#tiles.map(({ button }) => button))
  }

  shows(type) {
    return !this.#hidden.has(type)
  }

  /** The kinds that the feed leaves out. */
  hidden() {
    return [...this.#hidden]
  }

  /** The kinds that the feed shows. */
  shownTypes() {
    return KINDS.map(({ type }) => type).filter((type) => this.shows(type))
  }

  /** A kind of which nothing has come has no tile, unless it is left out: then its tile is the way back. */
  draw({ meters, seenTypes, startedAt }, now) {
    setText(byId('counted-since'), startedAt === null ? '' : `Totals and rates since this page was opened, ${agoText(now - startedAt)}.`)
    for (const { type, button, total, rate, spark } of this.#tiles) {
      button.hidden = !seenTypes.has(type) && !this.#hidden.has(type)
      const meter = meters.get(type)
      setText(total, compact(meter.total))
      setText(rate, rateText(meter.perMinute(now)))
      spark.draw(meter.series(now))
    }
  }

  #makeTile({ type, plural }, onChange) {
    const total = element('span', { className: 'tile-total', text: '0', id: `total-${type}` })
    const rate = element('span', { className: 'tile-rate', text: '–' })
    const spark = createSparkline({ capacity: 59 })
    const button = element(
      'button',
      {
        type: 'button',
        className: 'tile',
        'data-kind': type,
        'aria-pressed': String(!this.#hidden.has(type)),
      },
      [
        element('span', { className: 'tile-name' }, [element('span', { className: 'dot' }), element('span', { text: plural })]),
        element('span', { className: 'tile-figures' }, [total, rate]),
        spark.element,
      ],
    )
    button.hidden = !this.#hidden.has(type)
    button.addEventListener('click', () => {
      const isShown = this.#hidden.delete(type)
      if (!isShown) this.#hidden.add(type)
      button.setAttribute('aria-pressed', String(isShown))
      onChange()
    })
    return { type, button, total, rate, spark }
  }
}
