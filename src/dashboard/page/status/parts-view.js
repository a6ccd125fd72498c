import { byId, element, setText } from '../dom/element.js'
import { visible } from '../dom/format.js'
import { createKeyedList } from '../dom/keyed-list.js'

/** The readiness by part: the lines of `/readyz?verbose`, those that are not ready first. */
export class PartsView {
  #list = createKeyedList(byId('parts'), { keyOf: ({ part }) => part, make, update })

  draw({ parts }) {
    this.#list.show([...parts].sort((one, other) => rank(one) - rank(other)))
  }
}

const WORDS = { good: 'ready', warn: 'settling', bad: 'not ready' }

function healthOf({ ready, isSettling }) {
  return ready ? 'good' : isSettling ? 'warn' : 'bad'
}

function rank(part) {
  return ['bad', 'warn', 'good'].indexOf(healthOf(part))
}

function make({ part }) {
  const state = element('span', { className: 'visually-hidden' })
  const reason = element('span', { className: 'part-reason' })
  const name = element('span', { className: 'part-name', text: visible(part) })
  const node = element('li', { className: 'part' }, [element('span', { className: 'lamp', 'aria-hidden': 'true' }), name, state, reason])
  return { node, state, reason }
}

function update({ node, state, reason }, part) {
  const health = healthOf(part)
  node.dataset.health = health
  setText(state, `${WORDS[health]}: `)
  setText(reason, part.reason === null || part.reason === 'ok' ? WORDS[health] : visible(part.reason))
}
