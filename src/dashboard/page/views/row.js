import { copyText } from '../dom/copy.js'
import { element, hashElement } from '../dom/element.js'
import { fullTime, shortPeer, visible } from '../dom/format.js'

const GAP_WORDS = {
  expired: 'Events between are missing: the event log no longer holds them.',
  skipped: 'Events between are left out: too many came while this page was away.',
  'unknown-cursor': 'Events between may be missing: the server has another event log than before.',
}

/** One event as a list item, with the properties from which the feed updates its age. */
export function makeRow(entry) {
  if (entry.gap) {
    return element('li', { className: 'row gap', tabindex: '-1', text: GAP_WORDS[entry.gap.reason] ?? 'Events between may be missing.' })
  }
  const { kind, parts, frame } = entry
  const { data } = frame
  const age = element('time', { className: 'row-age', text: 'now', datetime: isoTime(data.receivedAt), title: fullTime(data.receivedAt) })
  const row = element('li', { className: 'row', tabindex: '-1', 'data-kind': kind.type, 'data-id': frame.id }, [
    age,
    element('span', { className: 'badge', text: visible(kind.name) }),
    element('span', { className: 'row-what' }, [...titleOf(parts), ...hashOf(parts)]),
    element('bdi', { className: 'row-detail', text: parts.detail, title: parts.detail }),
    fromElement(data),
    ...copyOf(parts),
  ])
  row.ageTarget = age
  row.receivedAt = data.receivedAt
  return row
}

function titleOf({ title }) {
  return title === '' ? [] : [element('bdi', { className: 'row-title', text: title })]
}

function hashOf({ hash }) {
  return hash === '' ? [] : [hashElement(hash)]
}

function fromElement({ origin, peerId }) {
  if (origin === 'own') return element('span', { className: 'from own', text: 'own node', title: 'announced by the own node' })
  const peer = visible(peerId)
  return element('span', { className: 'from', text: visible(shortPeer(peerId)), title: `from peer ${peer}` })
}

/** The Tab key does not stop at the button: Enter on its row presses it. */
function copyOf({ hash }) {
  if (hash === '') return []
  const button = element('button', { type: 'button', className: 'copy', text: 'Copy', 'aria-label': 'Copy hash', tabindex: '-1' })
  button.addEventListener('click', () => void copyText(button, hash))
  return [button]
}

function isoTime(ms) {
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : ''
}
