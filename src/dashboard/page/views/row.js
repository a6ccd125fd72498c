import { copyText } from '../dom/copy.js'
import { element, hashElement } from '../dom/element.js'
import { eventHref } from '../dom/event-link.js'
import { fullTime, shortPeer, timeOf, visible } from '../dom/format.js'

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
  const age = element('time', {
    className: 'row-age',
    text: 'now',
    datetime: timeOf(data.receivedAt)?.toISOString(),
    title: fullTime(data.receivedAt),
  })
  const row = element('li', { className: 'row', tabindex: '-1', 'data-kind': kind.type, 'data-id': frame.id }, [
    age,
    element('span', { className: 'badge', text: visible(kind.name) }),
    // The Tab key stops at the row: Enter there opens the same.
    element(
      'a',
      { className: 'row-what', tabindex: '-1', href: eventHref({ id: frame.id, loggedAt: data.loggedAt }) },
      whatOf(kind, parts),
    ),
    element('bdi', { className: 'row-detail', text: parts.detail, title: parts.detail }),
    fromElement(data),
    ...copyOf(parts),
  ])
  row.ageTarget = age
  row.receivedAt = data.receivedAt
  return row
}

function whatOf(kind, parts) {
  const what = [...titleOf(parts), ...hashOf(parts)]
  return what.length > 0 ? what : [element('bdi', { className: 'row-title', text: visible(kind.name) })]
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

/** The Tab key does not stop at the button: C on its row presses it. */
function copyOf({ hash }) {
  if (hash === '') return []
  const button = element('button', { type: 'button', className: 'copy', text: 'Copy', 'aria-label': 'Copy hash', tabindex: '-1' })
  button.addEventListener('click', () => void copyText(button, hash))
  return [button]
}
