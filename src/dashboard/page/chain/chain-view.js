import { MapView } from './map-view.js'
import { ReorganisationsView } from './reorganisations-view.js'
import { TipsView } from './tips-view.js'

/** The view of the chain: blocks and forks, where each node is, and reorganisations. Draws while it is looked at. */
export class ChainView {
  #map = new MapView()
  #tips = new TipsView()
  #reorganisations = new ReorganisationsView()
  #isOpen = false
  #version = -1

  open(isOpen) {
    this.#isOpen = isOpen
  }

  draw({ chain }, now) {
    if (!this.#isOpen) return
    if (chain.version !== this.#version) {
      this.#version = chain.version
      this.#map.draw(chain, nodesAt(chain.tips.all))
      this.#tips.draw(chain)
      this.#reorganisations.draw(chain.blocks.reorganisations)
    }
    this.#tips.tick(now)
  }
}

/** The nodes at each block, by its hash. */
function nodesAt(tips) {
  const nodes = new Map()
  for (const { hash, peerId } of tips) nodes.set(hash, [...(nodes.get(hash) ?? []), peerId])
  return nodes
}
