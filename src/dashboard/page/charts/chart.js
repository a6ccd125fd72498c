import { element } from '../dom/element.js'
import { clockText } from '../dom/format.js'

const HEIGHT = 260

/**
 * A line chart over time in `parent`, as wide as that. `lines`: `[{ label, colour }]`, where the colour is the name of a CSS variable. The scale
 * reaches up to `leastTop` at least, so that little is shown as little.
 */
export function createChart(uPlot, { parent, lines, textOf, leastTop }) {
  const probe = parent.appendChild(element('span', { hidden: '' }))
  // A canvas knows no variables: the browser resolves them for us.
  const colourOf = (name) => {
    probe.style.color = `var(${name}, var(--muted))`
    return getComputedStyle(probe).color
  }
  const axis = (more) => ({
    stroke: () => colourOf('--muted'),
    grid: { stroke: () => colourOf('--line'), width: 1 },
    ticks: { stroke: () => colourOf('--line'), width: 1 },
    ...more,
  })
  const plot = new uPlot(
    {
      width: widthOf(parent),
      height: HEIGHT,
      // Room for half of the last label.
      padding: [null, 32, null, null],
      cursor: { drag: { x: false, y: false } },
      legend: { live: true },
      axes: [
        axis({ space: 90, values: (_plot, times) => times.map(timeText) }),
        axis({ size: 64, values: (_plot, values) => values.map(textOf) }),
      ],
      scales: { y: { range: (_plot, _least, most) => [0, Math.max(leastTop, most * 1.1)] } },
      series: [
        { value: (_plot, seconds) => (seconds === null ? '–' : timeText(seconds)) },
        ...lines.map(({ label, colour }) => ({
          label,
          stroke: () => colourOf(colour),
          width: 1.5,
          points: { show: false },
          spanGaps: false,
          value: (_plot, value) => (value === null || value === undefined ? '–' : textOf(value)),
        })),
      ],
    },
    [[], ...lines.map(() => [])],
    parent,
  )
  const sizes = new ResizeObserver(() => plot.setSize({ width: widthOf(parent), height: HEIGHT }))
  sizes.observe(parent)
  return {
    draw: (columns) => plot.setData(columns),
    /** Draws anew in the colours of the theme. */
    recolour: () => plot.redraw(false, false),
    destroy() {
      sizes.disconnect()
      plot.destroy()
      probe.remove()
    },
  }
}

function timeText(seconds) {
  return clockText(seconds * 1000)
}

function widthOf(parent) {
  return Math.max(200, parent.clientWidth)
}
