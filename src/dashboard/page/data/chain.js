import { Blocks, offsetOf } from './blocks.js'
import { Tips } from './tips.js'

const KEPT_NOTES = 64

/** What the events say of the chain: blocks and their links, the best block of each node, and who mined what. Bounded. */
export class Chain {
  blocks = new Blocks()
  tips = new Tips()
  /** Counts changes, so that a view draws only what is new. */
  version = 0
  /** By hash: what a mining-on notification tells of the block. */
  #mined = new Map()

  /** A block, mining-on or status; other kinds say nothing of the chain. */
  add({ id, cursor, data }) {
    const claim = claimOf(data)
    if (!claim) return
    this.version += 1
    const offset = offsetOf(cursor)
    const { origin, peerId, receivedAt, loggedAt } = data
    this.blocks.add(claim, { origin, peerId, receivedAt, loggedAt, eventId: id, offset })
    const source = origin === 'own' ? 'own' : peerId
    this.tips.add({ ...claim, peerId: source, at: receivedAt, offset })
    if (data.type === 'mining-on') this.#note(data.miningOn)
  }

  /** Miner, transactions and size of a block, if a node has told them. */
  mined(hash) {
    return this.#mined.get(hash)
  }

  clear() {
    this.version += 1
    this.blocks.clear()
    this.tips.clear()
    this.#mined.clear()
  }

  #note(miningOn) {
    this.#mined.delete(miningOn.hash)
    this.#mined.set(miningOn.hash, miningOn)
    for (const oldest of this.#mined.keys()) {
      if (this.#mined.size <= KEPT_NOTES) break
      this.#mined.delete(oldest)
    }
  }
}

/** The block that the sender says it has. `isState`: the block that it is at; else one that it announces, perhaps an older one. */
function claimOf({ type, block, miningOn, nodeStatus }) {
  if (type === 'block') return { ...pick(block), header: block.header, name: block.clientName }
  if (type === 'mining-on') return { ...pick(miningOn), previousHash: miningOn.previousHash, isState: true }
  if (type !== 'node-status' || !nodeStatus.bestBlockHash) return null
  return { hash: nodeStatus.bestBlockHash, height: nodeStatus.bestHeight, name: nodeStatus.clientName, isState: true }
}

function pick({ hash, height }) {
  return { hash, height }
}
