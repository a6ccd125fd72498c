import { byId, element, setText } from '../dom/element.js'
import { agoText, fullTime, heightText, shortPeer, visible } from '../dom/format.js'
import { createKeyedList } from '../dom/keyed-list.js'

const SHOWN = 100

/** Which block each node is at, by its own word. */
export class TipsView {
  #list = createKeyedList(byId('tips'), { keyOf: ({ peerId }) => peerId, make, update })

  draw({ tips, blocks }) {
    const all = tips.all
    byId('tips-table').hidden = all.length === 0
    byId('tips-note').hidden = all.length > 0
    const height = blocks.tip?.height ?? null
    this.#list.show(all.slice(0, SHOWN).map((tip) => ({ ...tip, place: placeText(tip, { height, blocks }) })))
  }

  tick(now) {
    this.#list.each(({ since, tip }) => {
      setText(since, agoText(now - tip.at))
      since.title = fullTime(tip.at)
    })
  }
}

function placeText({ hash, height: at }, { height, blocks }) {
  const block = blocks.get(hash)
  if (height === null) return ''
  if (block?.hash === blocks.tip?.hash) return 'at the tip'
  if (at > height) return block?.isProven ? `${at - height} ahead` : `${at - height} ahead, not proven`
  if (at === height) return 'another block'
  return `${heightText(height - at)} behind`
}

function make({ peerId }) {
  const isOwn = peerId === 'own'
  const name = element('bdi', { className: 'tip-name' })
  const id = element('bdi', { className: 'peer-id', text: isOwn ? '' : visible(shortPeer(peerId)), title: isOwn ? null : visible(peerId) })
  const [height, hash, place, since] = ['Height', 'Block', 'Against the tip', 'Since'].map((column) =>
    element('td', { 'data-name': column }),
  )
  hash.className = 'code'
  const head = element('th', { scope: 'row', className: 'row-head' }, [name, ' ', id])
  return { node: element('tr', {}, [head, height, hash, place, since]), name, height, hash, place, since, isOwn, tip: null }
}

function update(child, tip) {
  child.tip = tip
  setText(child.name, child.isOwn ? 'Own node' : visible(tip.name))
  setText(child.height, heightText(tip.height))
  setText(child.hash, `…${visible(tip.hash.slice(-12))}`)
  child.hash.title = visible(tip.hash)
  setText(child.place, tip.place)
}
