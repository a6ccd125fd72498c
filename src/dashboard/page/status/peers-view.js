import { byId, element, setText } from '../dom/element.js'
import { count, shortPeer, visible } from '../dom/format.js'
import { createKeyedList } from '../dom/keyed-list.js'
import { note } from './note.js'
import { COLUMNS, sortPeers } from './peer-columns.js'

/** The connected peers as a table, which folds into cards where there is no room. Sorted by the head, or by the field on a phone. */
export class PeersView {
  #list
  #sort = { column: 'connected', isDown: true }
  #heads = new Map()
  #peers = []
  #mayBan = false

  constructor(onBan) {
    this.#list = createKeyedList(byId('peers'), { keyOf: ({ peerId }) => peerId, make: (peer) => make(peer, onBan), update })
    byId('peers-head').append(...COLUMNS.map((column) => this.#makeHead(column)), element('th', { id: 'peers-action', scope: 'col' }))
    byId('peers-action').append(element('span', { className: 'visually-hidden', text: 'Change' }))
    byId('peers-sort').append(...COLUMNS.map(({ id, name }) => element('option', { value: id, text: `By ${name.toLowerCase()}` })))
    byId('peers-sort').addEventListener('change', ({ target }) => this.#sortBy(target.value))
    this.#showSort()
  }

  draw({ peers, view, mayChange, roles }) {
    this.#peers = peers?.list ?? []
    this.#mayBan = mayChange && view === 'full'
    byId('peers-table').hidden = this.#peers.length === 0
    byId('peers-action').hidden = !this.#mayBan
    byId('peers-sort').parentElement.hidden = this.#peers.length < 2
    note('peers-note', noteOn(peers, view, roles))
    this.#show()
  }

  tick(now) {
    this.#list.each(({ cells, peer }) => {
      for (const { cell, text } of cells) if (text) setText(cell, text(peer, now))
    })
  }

  #show() {
    this.#list.show(sortPeers(this.#peers, this.#sort).map((peer) => ({ ...peer, mayBan: this.#mayBan })))
  }

  #sortBy(id) {
    const { down = false } = COLUMNS.find((column) => column.id === id) ?? {}
    this.#sort = { column: id, isDown: this.#sort.column === id ? !this.#sort.isDown : down }
    this.#showSort()
    this.#show()
  }

  #showSort() {
    byId('peers-sort').value = this.#sort.column
    for (const [id, head] of this.#heads) {
      if (id === this.#sort.column) head.setAttribute('aria-sort', this.#sort.isDown ? 'descending' : 'ascending')
      else head.removeAttribute('aria-sort')
    }
  }

  #makeHead({ id, name, isNumber }) {
    const button = element('button', { type: 'button', className: 'sort', text: name })
    button.addEventListener('click', () => this.#sortBy(id))
    const head = element('th', { scope: 'col', className: isNumber ? 'number' : '' }, [button])
    this.#heads.set(id, head)
    return head
  }
}

function noteOn(peers, view, roles) {
  if (!peers) return roles.includes('relay') ? 'The peers are not known yet: the bridge starts.' : NO_RELAY
  if (view === 'summary') return `${count(peers.total, 'peer is', 'peers are')} connected. ${HIDDEN}`
  if (peers.total === 0)
    return 'No peer is connected. Static peers are dialled again and again; `gossip-bridge doctor` says why one does not answer.'
  return peers.total > peers.list.length ? `The ${peers.list.length} that have been connected longest, of ${peers.total}.` : ''
}

const NO_RELAY = 'This instance has no peers, since its roles lack relay. The page of an instance with that role shows them.'
const HIDDEN = 'They are listed on the bridge’s own host only (setting dashboard_status).'

function make(peer, onBan) {
  const id = element('bdi', { className: 'peer-id', text: visible(shortPeer(peer.peerId)), title: visible(peer.peerId) })
  const chips = element('span', { className: 'peer-chips' })
  const [, ...others] = COLUMNS.map(({ name, isNumber, text }) => ({
    cell: element('td', { className: isNumber ? 'number' : '', 'data-name': name }),
    text,
  }))
  const ban = element('button', { type: 'button', className: 'plain small', text: 'Ban…' })
  ban.addEventListener('click', () => onBan(peer.peerId))
  const action = element('td', { className: 'action' }, [ban])
  const head = element('th', { scope: 'row', className: 'row-head' }, [id, chips])
  return { node: element('tr', {}, [head, ...others.map(({ cell }) => cell), action]), cells: others, chips, action, peer }
}

function update(child, peer) {
  child.peer = peer
  child.action.hidden = !peer.mayBan
  const said = [...(peer.isSibling ? ['sibling'] : []), ...(peer.isOfSettings ? ['static'] : [])].join(' ')
  if (child.chips.dataset.said === said) return
  child.chips.dataset.said = said
  child.chips.replaceChildren(
    ...said
      .split(' ')
      .filter(Boolean)
      .map((text) => element('span', { className: 'chip', text })),
  )
}
