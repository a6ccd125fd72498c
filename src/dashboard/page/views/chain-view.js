import { copyText } from '../dom/copy.js'
import { byId, element, hashElement, setText } from '../dom/element.js'
import { agoText, count, heightText, shortPeer, sizeText, visible } from '../dom/format.js'

/** The highest announced block, in large, and the blocks before it. */
export class ChainView {
  #shown = ''
  #tip = null
  #ages = []

  constructor() {
    byId('tip-copy').addEventListener('click', ({ currentTarget }) => {
      if (this.#tip) void copyText(currentTarget, this.#tip.hash)
    })
  }

  draw({ blocks, miningOn }, now) {
    const { all, tip } = blocks
    const signature = all.map(({ hash, sources, isProven }) => `${hash}:${sources.size}:${isProven}`).join()
    if (signature !== this.#shown) {
      this.#shown = signature
      this.#drawTip(tip)
      this.#drawEarlier(all.filter((block) => block !== tip))
    }
    if (!tip) return
    setText(byId('tip-age'), agoText(now - tip.seenAt))
    setText(byId('tip-miner'), minerText(miningOn, tip.hash))
    for (const { target, seenAt } of this.#ages) setText(target, agoText(now - seenAt))
  }

  #drawTip(tip) {
    byId('tip').dataset.empty = String(!tip)
    byId('tip-copy').hidden = !tip
    if (!tip) {
      for (const id of ['tip-height', 'tip-age', 'tip-from', 'tip-sources', 'tip-miner']) setText(byId(id), '–')
      byId('tip-hash').replaceChildren('No block seen yet')
      this.#tip = null
      return
    }
    setText(byId('tip-height'), heightText(tip.height))
    setText(byId('tip-from'), fromText(tip))
    setText(byId('tip-sources'), count(tip.sources.size, 'node', 'nodes'))
    if (this.#tip?.hash === tip.hash) return
    byId('tip-hash').replaceChildren(...hashElement(visible(tip.hash)).childNodes)
    byId('tip-hash').title = visible(tip.hash)
    // Played for each new tip, and left out where people ask for less motion.
    if (this.#tip) byId('tip').animate?.([{ backgroundColor: 'var(--flash)' }, {}], { duration: matchesLessMotion() ? 0 : 900 })
    this.#tip = tip
  }

  #drawEarlier(blocks) {
    this.#ages = []
    byId('earlier-empty').hidden = blocks.length > 0
    byId('earlier-own').hidden = !blocks.some(({ sources }) => sources.has('own'))
    byId('earlier-unproven').hidden = blocks.every(({ isProven }) => isProven)
    byId('blocks').replaceChildren(
      ...blocks.map((block) => {
        const age = element('span', { className: 'block-age' })
        this.#ages.push({ target: age, seenAt: block.seenAt })
        const marks = { 'data-own': String(block.sources.has('own')), 'data-proven': String(block.isProven) }
        const said = block.isProven ? [] : [element('span', { className: 'visually-hidden', text: 'unproven' })]
        return element('li', { className: 'block', ...marks, title: visible(block.hash) }, [
          ...said,
          element('span', { className: 'block-height', text: heightText(block.height) }),
          element('span', { className: 'block-tail', text: visible(block.hash.slice(-8)) }),
          age,
        ])
      }),
    )
  }
}

function fromText({ origin, peerId }) {
  return origin === 'own' ? 'own node' : visible(shortPeer(peerId))
}

/** A mining-on notification describes the block that is mined on, including its miner and size. */
function minerText(miningOn, hash) {
  if (miningOn?.hash !== hash) return '–'
  return visible([miningOn.miner, count(miningOn.txCount, 'tx', 'txs'), sizeText(miningOn.sizeInBytes)].filter(Boolean).join(' · '))
}

function matchesLessMotion() {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}
