import { EXPLORER_URL } from '../data/page-settings.js'
import { copyText } from '../dom/copy.js'
import { byId, element, setText } from '../dom/element.js'
import { eventHref } from '../dom/event-link.js'
import { shortPeer, spanText, visible } from '../dom/format.js'
import { contentFacts, pathFacts } from './facts.js'
import { exactValue, indentJson } from './json-text.js'
import { explorerHref, pageKind } from './links.js'
import { spreadOf, spreadText } from './spread.js'

const SHOWN_SPREAD = 100

/** All of one event: its fields, how it came, who else announced the same, and its JSON. */
export class DetailView {
  #entry = null

  /** `search(hash)`: looks for a hash in the whole event log. */
  constructor({ search }) {
    byId('detail-copy-json').addEventListener('click', ({ currentTarget }) => {
      if (this.#entry) void copyText(currentTarget, this.#entry.frame.raw)
    })
    byId('detail-search').addEventListener('click', () => {
      if (this.#entry) search(this.#entry.parts.hash)
    })
  }

  /** `others`: the events that are loaded; `hello`: what the server has said of itself. */
  draw(entry, { others, hello }) {
    this.#entry = entry
    const { kind, parts, frame } = entry
    const data = exactValue(frame.raw).data
    this.#title(visible(kind.name), parts.title || parts.hash)
    byId('detail').dataset.kind = kind.type
    byId('detail-content').replaceChildren(...rowsOf(contentFacts(contentOf(kind, data))))
    byId('detail-path').replaceChildren(...rowsOf(pathFacts(frame, hello ?? {})))
    byId('detail-json').textContent = visible(indentJson(frame.raw)).split('⟨000A⟩').join('\n')
    this.#drawExplorer(explorerHref(EXPLORER_URL, { hash: parts.hash, kind: pageKind(kind) }))
    this.#drawSpread(parts.hash === '' ? [] : spreadOf([...others, entry], parts.hash))
    this.#show('found')
  }

  /** While the event is looked for, and when it is not there. */
  wait(sentence) {
    this.#entry = null
    this.#title('Event', '')
    setText(byId('detail-state'), sentence)
    this.#show('waiting')
  }

  #title(name, what) {
    setText(byId('detail-kind'), name)
    setText(byId('detail-what'), what)
  }

  #show(state) {
    byId('detail').dataset.state = state
    byId('detail-state').hidden = state !== 'waiting'
    byId('detail-body').hidden = state === 'waiting'
    byId('detail-scroll').scrollTop = 0
  }

  #drawExplorer(href) {
    byId('detail-links').hidden = href === null
    byId('detail-links').replaceChildren(...(href === null ? [] : [outsideLink(href, 'Open in the explorer')]))
  }

  #drawSpread(spread) {
    byId('detail-spread-part').hidden = spread.length === 0
    setText(byId('detail-spread-text'), spreadText(spread, spanText))
    byId('detail-spread').replaceChildren(...spread.slice(0, SHOWN_SPREAD).map(spreadRow))
  }
}

/** What is announced. Of a kind that only a newer bridge knows, it is the one object among the properties. */
function contentOf({ payload }, data) {
  return data[payload] ?? Object.values(data).find((value) => value?.constructor === Object) ?? {}
}

function rowsOf(rows) {
  return rows.map(({ name, text, href, isCode }) => {
    const className = isCode ? 'fact-value code' : 'fact-value'
    const value = href ? outsideLink(href, visible(href)) : element('bdi', { text })
    return element('div', {}, [
      element('dt', { text: visible(name) }),
      element('dd', { className }, [value, ...(isCode ? [copyButton(name, text)] : [])]),
    ])
  })
}

/** The other site learns nothing of this page, and gets no hold of it: a stranger may have written the URL. */
function outsideLink(href, text) {
  return element('a', { href, text, target: '_blank', rel: 'noopener noreferrer nofollow' })
}

function copyButton(name, text) {
  const button = element('button', { type: 'button', className: 'copy', text: 'Copy', 'aria-label': `Copy: ${name}` })
  button.addEventListener('click', () => void copyText(button, text))
  return button
}

function spreadRow({ peerId, afterMs, type, id, loggedAt }) {
  const who = peerId === 'own' ? 'own node' : visible(shortPeer(peerId))
  return element('li', { className: 'spread-row' }, [
    element('span', { className: 'spread-after', text: afterMs === 0 ? 'first' : `+${spanText(afterMs)}` }),
    element('a', { className: 'spread-who', href: eventHref({ id, loggedAt }), text: who, title: visible(peerId) }),
    element('span', { className: 'spread-kind', text: visible(type) }),
  ])
}
