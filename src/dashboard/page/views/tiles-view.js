import { KINDS } from '../data/kinds.js'
import { byId, element, setText } from '../dom/element.js'
import { compact, rateText } from '../dom/format.js'
import { createSparkline } from './sparkline.js'

/** One tile for each kind: count, rate and a chart of the last five minutes. It is also the switch of the kind in the feed. */
export class TilesView {
  #tiles
  #hidden = new Set()

  constructor(onChange) {
    this.#tiles = KINDS.map((kind) => this.#makeTile(kind, onChange))
    byId('tiles').append(...this.#tiles.map(({ button }) => button))
  }

  shows(type) {
    return !this.#hidden.has(type)
  }

  draw(meters, now) {
    for (const { type, total, rate, spark } of this.#tiles) {
      const meter = meters.get(type)
      setText(total, compact(meter.total))
      setText(rate, rateText(meter.perMinute(now)))
      spark.draw(meter.series(now))
    }
  }

  #makeTile({ type, plural }, onChange) {
    const total = element('span', { className: 'tile-total', text: '0', id: `total-${type}` })
    const rate = element('span', { className: 'tile-rate', text: '0/min' })
    const spark = createSparkline()
    const button = element(
      'button',
      {
        type: 'button',
        className: 'tile',
        'data-kind': type,
        'aria-pressed': 'true',
      },
      [
        element('span', { className: 'tile-name' }, [element('span', { className: 'dot' }), element('span', { text: plural })]),
        element('span', { className: 'tile-figures' }, [total, rate]),
        spark.element,
      ],
    )
    button.addEventListener('click', () => {
      const isShown = this.#hidden.delete(type)
      if (!isShown) this.#hidden.add(type)
      button.setAttribute('aria-pressed', String(isShown))
      onChange()
    })
    return { type, button, total, rate, spark }
  }
}
