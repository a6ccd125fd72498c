const KEPT_BLOCKS = 16

/**
 * The highest blocks that were announced, highest first: `{ hash, height, seenAt, origin, peerId, sources, isProven }`. Anybody may
 * announce any height, so a block leads only when it is proven: by its header, which the bridge has checked, by the own node, or by
 * several announcers.
 */
export class Blocks {
  all = []
  #ownOffset = -1

  /** The highest proven block. */
  get tip() {
    return this.all.find(({ isProven }) => isProven)
  }

  /** `offset` is the event's place in the event log. */
  add({ block, origin, peerId, receivedAt }, offset) {
    const source = origin === 'own' ? 'own' : peerId
    if (origin === 'own') this.#ownTip(block.height, offset)
    const known = this.all.find(({ hash }) => hash === block.hash)
    if (known) {
      known.sources.add(source)
      known.isProven ||= isProven(block, known.sources)
      return
    }
    const sources = new Set([source])
    const added = { hash: block.hash, height: block.height, seenAt: receivedAt, origin, peerId, sources }
    this.all.push({ ...added, isProven: isProven(block, sources) })
    this.all.sort((a, b) => b.height - a.height || b.seenAt - a.seenAt)
    this.all.length = Math.min(this.all.length, KEPT_BLOCKS)
  }

  /** The own node mines on this block, so it has it, whoever announced it. */
  ownMinesOn({ hash, height }, offset) {
    this.#ownTip(height, offset)
    const known = this.all.find((block) => block.hash === hash)
    if (!known) return
    known.sources.add('own')
    known.isProven = true
  }

  clear() {
    this.all = []
    this.#ownOffset = -1
  }

  /** The own node is at this height now. Blocks of its own above it belong to a chain that it has left. */
  #ownTip(height, offset) {
    if (offset <= this.#ownOffset) return
    this.#ownOffset = offset
    this.all = this.all.filter((block) => block.height <= height || !block.sources.has('own'))
  }
}

function isProven({ header }, sources) {
  return Boolean(header) || sources.has('own') || sources.size > 1
}

/** The offset in a cursor, `v1.<offset>.<fingerprint>`; -1 for any other text. */
export function offsetOf(cursor) {
  const [, offset = '-1'] = /^v1\.(\d+)\./.exec(cursor) ?? []
  return Number(offset)
}
