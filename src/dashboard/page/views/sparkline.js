const SVG = 'http://www.w3.org/2000/svg'
const WIDTH = 120
const HEIGHT = 28

/** A small area chart of counts. With a capacity it grows from the right edge until it is full. It is decoration: the figures beside it say the same. */
export function createSparkline({ capacity = 0 } = {}) {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`)
  svg.setAttribute('preserveAspectRatio', 'none')
  svg.setAttribute('aria-hidden', 'true')
  svg.classList.add('spark')
  const area = svg.appendChild(document.createElementNS(SVG, 'path'))
  const line = svg.appendChild(document.createElementNS(SVG, 'path'))
  area.classList.add('spark-area')
  line.classList.add('spark-line')
  let drawn = ''
  return {
    element: svg,
    draw(values) {
      const path = pathOf(values, Math.max(capacity, values.length))
      if (path === drawn) return
      drawn = path
      line.setAttribute('d', path)
      area.setAttribute('d', path === '' ? '' : `${path}L${WIDTH},${HEIGHT}L${leftOf(values, capacity)},${HEIGHT}Z`)
    },
  }
}

/** The scale is at least 4 high, so that a single event is a bump and not a cliff. */
function pathOf(values, capacity) {
  if (values.length < 2) return ''
  const top = Math.max(4, ...values)
  const step = WIDTH / (capacity - 1)
  const left = WIDTH - (values.length - 1) * step
  const points = values.map((value, index) => `${round(left + index * step)},${round(HEIGHT - 1 - (value / top) * (HEIGHT - 3))}`)
  return `M${points.join('L')}`
}

function leftOf(values, capacity) {
  return round(WIDTH - ((values.length - 1) * WIDTH) / (Math.max(capacity, values.length) - 1))
}

function round(value) {
  return Math.round(value * 10) / 10
}
