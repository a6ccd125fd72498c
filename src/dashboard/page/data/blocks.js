import { Ancestry } from './ancestry.js'
import { Reorganisations } from './reorganisations.js'

/** Anybody may announce any height, so claims and proven blocks are bounded apart: claims push no proven block out. */
const KEPT_PROVEN = 160
const KEPT_UNPROVEN = 40
/** Announcers that are remembered of one block. */
const KEPT_SOURCES = 500
/** How far a link between two blocks is to be trusted: by a header, which the bridge has checked, by the own node, by a peer's word. */
const TRUST = { header: 3, own: 2, peer: 1 }

/**
 * The blocks that were announced, highest first, and of one height in the order in which they came: `{ hash, height, seenAt, origin, peerId, eventId, loggedAt, sources, isProven, isLeft,
 * previous }`. `sources` maps each announcer to when it was heard. A block is proven by its header, by the own node, or by several
 * announcers; only a proven one may lead. `isLeft`: the own node had it, and is on another chain now.
 */
export class Blocks {
  all = []
  reorganisations = new Reorganisations()
  /** The block that the own node is at; null before it is known. */
  own = null
  #byHash = new Map()
  #ownOffset = -1
  #ownSince = 0

  /** The highest proven block; of several, that of the own node, else the first. */
  get tip() {
    const first = this.all.find(({ isProven, isLeft }) => isProven && !isLeft)
    return this.own?.height === first?.height ? (this.own ?? undefined) : first
  }

  get(hash) {
    return this.#byHash.get(hash)
  }

  /** A node has announced that it has this block. `offset` is the event's place in the event log. */
  add({ hash, height, header = null, previousHash = null, isState = false }, { origin, peerId, receivedAt, loggedAt, eventId, offset }) {
    const isOwn = origin === 'own'
    const source = isOwn ? 'own' : peerId
    const block = this.#byHash.get(hash) ?? this.#make({ hash, height, origin, peerId, seenAt: receivedAt, loggedAt, eventId })
    if (!block.sources.has(source) && block.sources.size < KEPT_SOURCES) block.sources.set(source, receivedAt)
    block.isProven ||= Boolean(header) || isOwn || block.sources.size > 1
    if (header) link(block, previousOf(header), TRUST.header)
    else if (previousHash) link(block, previousHash, isOwn ? TRUST.own : TRUST.peer)
    if (isOwn) this.#ownHas(block, { height, isState, offset, at: receivedAt })
    this.#bound(block)
  }

  clear() {
    this.all = []
    this.own = null
    this.reorganisations.clear()
    this.#byHash.clear()
    this.#ownOffset = -1
  }

  #make(facts) {
    const block = { ...facts, sources: new Map(), isProven: false, isLeft: false, previous: null, trust: 0 }
    this.#byHash.set(block.hash, block)
    this.all.push(block)
    this.#sort()
    return block
  }

  #sort() {
    this.all.sort((a, b) => b.height - a.height || a.seenAt - b.seenAt)
  }

  /** The own node knows the height of its block; who announced it before may have claimed another. */
  #ownHas(block, { height, isState, offset, at }) {
    if (block.height !== height) {
      block.height = height
      this.#sort()
    }
    if (offset <= this.#ownOffset) return
    this.#ownOffset = offset
    if (!this.own || !this.#isLate(block, { isState, at })) {
      this.own = block
      this.#ownSince = at
    }
    this.#findLeft(at, isState)
  }

  /** Own blocks come by several partitions, so a lower one of the same millisecond, or one below the tip, was announced before it. */
  #isLate(block, { isState, at }) {
    if (at === this.#ownSince && block.height < this.own.height) return true
    return !isState && block !== this.own && new Ancestry(this.own, this.#byHash).has(block)
  }

  /** Own blocks that are for certain not on the chain of the own tip belong to a chain that the node has left. */
  #findLeft(at, isState) {
    const ancestry = new Ancestry(this.own, this.#byHash)
    for (const ancestor of ancestry.blocks) ancestor.isLeft = false
    const left = this.all.filter((block) => block.sources.has('own') && !block.isLeft && ancestry.excludes(block))
    const [from] = left
    if (!from) return
    for (const block of left) block.isLeft = true
    // A lower block without a known link may only be late, which a state cannot be.
    if (!isState && ancestry.blocks.length === 1 && from.height > this.own.height) return
    this.reorganisations.add({ at, from, to: this.own, left: left.length, fork: ancestry.forkWith(from) })
  }

  /** Of claims the oldest goes, so that a flood of them replaces itself; of proven blocks the lowest. */
  #bound({ isProven }) {
    const kind = this.all.filter((block) => block.isProven === isProven)
    if (kind.length <= (isProven ? KEPT_PROVEN : KEPT_UNPROVEN)) return
    const dropped = isProven ? kind[kind.length - 1] : kind.reduce((oldest, block) => (block.seenAt < oldest.seenAt ? block : oldest))
    this.#byHash.delete(dropped.hash)
    this.all = this.all.filter((block) => block !== dropped)
  }
}

function link(block, previous, trust) {
  if (trust <= block.trust) return
  block.previous = previous
  block.trust = trust
}

/** The hash of the block before, in display order: bytes 4 to 36 of the header, turned round. */
function previousOf(header) {
  return (header.slice(8, 72).match(/../g) ?? []).reverse().join('')
}

/** The offset in a cursor, `v1.<offset>.<fingerprint>`; -1 for any other text. */
export function offsetOf(cursor) {
  const [, offset = '-1'] = /^v1\.(\d+)\./.exec(cursor) ?? []
  return Number(offset)
}
