import { byId, element } from '../dom/element.js'
import { count, fullTime, heightText, visible } from '../dom/format.js'

/** When the own node went over to another chain. Hidden while it has not. */
export class ReorganisationsView {
  draw({ all }) {
    byId('reorganisations-part').hidden = all.length === 0
    byId('reorganisations').replaceChildren(...all.map((each) => element('li', { className: 'reorganisation', text: sentence(each) })))
  }
}

function sentence({ at, from, to, left, fork }) {
  const where = fork === null ? '' : ` They part after ${heightText(fork)}.`
  return `${fullTime(at)}: the own node left ${count(left, 'block', 'blocks')} up to ${named(from)} and is at ${named(to)}.${where}`
}

function named({ hash, height }) {
  return `${heightText(height)} …${visible(hash.slice(-8))}`
}
