import { byId, element } from '../dom/element.js'
import { eventHref } from '../dom/event-link.js'
import { count, fullTime, heightText, visible } from '../dom/format.js'
import { layOut } from './layout.js'

const SHOWN_HEIGHTS = 40
const SVG = 'http://www.w3.org/2000/svg'
/** Units of the lines' drawing: the styles give the sizes of a lane and a row. */
const LANE = 100
const ROW = 100

/** The blocks as a picture: heights from above, the chain of the tip on the left, forks beside it. The list says the same in words. */
export class MapView {
  draw(chain, nodesAt) {
    const { rows, links, lanes } = layOut(chain.blocks, SHOWN_HEIGHTS)
    byId('map-empty').hidden = rows.length > 0
    byId('map-scroll').hidden = rows.length === 0
    const picture = byId('map')
    picture.style.setProperty('--lanes', String(lanes))
    picture.replaceChildren(lines(links, { lanes, rows: rows.length }), ...rows.map((row) => rowElement(row, { chain, nodesAt })))
  }
}

function rowElement({ height, cells }, context) {
  return element('li', { className: 'map-row' }, [
    element('span', { className: 'map-height', text: heightText(height) }),
    ...cells.map((cell) => cellElement(cell, context)),
  ])
}

function cellElement({ block, lane }, { chain, nodesAt }) {
  const marks = marksOf(block, chain.blocks)
  const nodes = nodesAt.get(block.hash) ?? []
  const who = [nodes.includes('own') ? 'own node' : '', count(nodes.filter((peer) => peer !== 'own').length || null, 'peer', 'peers')]
  const heard = count(block.sources.size, 'node has announced it', 'nodes have announced it')
  const here = nodes.length > 0 ? `${who.filter(Boolean).join(' and ')} here` : heard
  const said = [...marks.map(({ text }) => text), here].filter(Boolean)
  const link = element(
    'a',
    {
      className: 'map-block',
      href: eventHref({ id: block.eventId, loggedAt: block.loggedAt }),
      title: `${visible(block.hash)}\nfirst heard ${fullTime(block.seenAt)}`,
      'data-marks': marks.map(({ id }) => id).join(' '),
      'data-hash': block.hash,
    },
    [
      element('span', { className: 'map-hash', text: `…${visible(block.hash.slice(-12))}` }),
      element('span', { className: 'map-said', text: said.join(' · ') }),
    ],
  )
  link.style.gridColumn = String(lane + 2)
  return link
}

/** What is worth a word about a block. */
function marksOf(block, { tip, own }) {
  return [
    ...(block === tip ? [{ id: 'tip', text: 'tip' }] : []),
    ...(block === own ? [{ id: 'own', text: '' }] : []),
    ...(block.isLeft ? [{ id: 'left', text: 'left by the own node' }] : []),
    ...(block.isProven ? [] : [{ id: 'unproven', text: 'not proven' }]),
  ]
}

function lines(links, { lanes, rows }) {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', `0 0 ${lanes * LANE} ${rows * ROW}`)
  svg.setAttribute('preserveAspectRatio', 'none')
  svg.setAttribute('aria-hidden', 'true')
  svg.classList.add('map-lines')
  svg.style.setProperty('--rows', String(rows))
  for (const { from, to, isKnown } of links) {
    const path = svg.appendChild(document.createElementNS(SVG, 'path'))
    const [x1, y1, x2, y2] = [(from.lane + 0.5) * LANE, (from.row + 0.5) * ROW, (to.lane + 0.5) * LANE, (to.row + 0.5) * ROW]
    // A fork leaves its parent just above it, and then goes straight up.
    const bend = y2 - ROW
    path.setAttribute(
      'd',
      x1 === x2 ? `M${x1},${y1}V${y2}` : `M${x1},${y1}V${bend}C${x1},${bend + ROW / 2} ${x2},${bend + ROW / 2} ${x2},${y2}`,
    )
    path.dataset.known = String(isKnown)
  }
  return svg
}
