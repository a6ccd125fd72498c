import { copyText } from '../dom/copy.js'
import { byId, element, hashElement, setText } from '../dom/element.js'
import { eventHref } from '../dom/event-link.js'
import { agoText, count, fullTime, heightText, shortPeer, sizeText, visible } from '../dom/format.js'

/** Earlier blocks on the page; the chain view has more. */
const SHOWN_EARLIER = 15

/** The highest proven block, in large, and the blocks before it. */
export class TipView {
  #version = -1
  #tip = null
  #earlier = ''
  #ages = []

  constructor() {
    byId('tip-copy').addEventListener('click', ({ currentTarget }) => {
      if (this.#tip) void copyText(currentTarget, this.#tip.hash)
    })
  }

  draw({ chain }, now) {
    const { all, tip } = chain.blocks
    if (chain.version !== this.#version) {
      this.#version = chain.version
      this.#drawTip(tip)
      this.#drawEarlier(all.filter((block) => block !== tip && !block.isLeft).slice(0, SHOWN_EARLIER))
    }
    if (!tip) return
    setText(byId('tip-age'), agoText(now - tip.seenAt))
    byId('tip-age').title = fullTime(tip.seenAt)
    setText(byId('tip-miner'), minerText(chain.mined(tip.hash)))
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
    const href = eventHref({ id: tip.eventId, loggedAt: tip.loggedAt })
    byId('tip-hash').replaceChildren(
      element('a', { className: 'hash', id: 'tip-link', href }, [...hashElement(visible(tip.hash)).childNodes]),
    )
    byId('tip-hash').title = visible(tip.hash)
    // Played for each new tip, and left out where people ask for less motion.
    if (this.#tip) byId('tip').animate?.([{ backgroundColor: 'var(--flash)' }, {}], { duration: matchesLessMotion() ? 0 : 900 })
    this.#tip = tip
  }

  #drawEarlier(blocks) {
    const signature = blocks.map(({ hash, height, sources, isProven }) => `${hash}:${height}:${sources.has('own')}:${isProven}`).join()
    if (signature === this.#earlier) return
    this.#earlier = signature
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
        // No stop of the Tab key: the view of the chain has them all.
        const link = element(
          'a',
          { className: 'block-link', tabindex: '-1', href: eventHref({ id: block.eventId, loggedAt: block.loggedAt }) },
          [
            ...said,
            element('span', { className: 'block-height', text: heightText(block.height) }),
            element('span', { className: 'block-tail', text: visible(block.hash.slice(-8)) }),
            age,
          ],
        )
        return element('li', { className: 'block', ...marks, title: `${visible(block.hash)}\n${fullTime(block.seenAt)}` }, [link])
      }),
    )
  }
}

function fromText({ origin, peerId }) {
  return origin === 'own' ? 'own node' : visible(shortPeer(peerId))
}

/** A mining-on notification describes the block that is mined on, including its miner and size. */
function minerText(miningOn) {
  if (!miningOn) return '–'
  return visible([miningOn.miner, count(miningOn.txCount, 'tx', 'txs'), sizeText(miningOn.sizeInBytes)].filter(Boolean).join(' · '))
}

function matchesLessMotion() {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}
