import { visible } from '../dom/format.js'
import { KINDS, kindOf } from './kinds.js'
import { RateMeter } from './rate-meter.js'

/** Events kept for filtering: more than a screen shows, so that a filter finds matches at once. */
const KEPT = 2000
const REMEMBERED_IDS = 5000
const KEPT_BLOCKS = 16

/** All data of the page, bounded. Views read it; only the connection writes to it. */
export class Store {
  /** Newest last: `{ key, frame, kind, parts, text }`, or `{ key, gap }` where events are missing. */
  entries = []
  meters = new Map(KINDS.map(({ type }) => [type, new RateMeter()]))
  /** The highest blocks seen, highest first: `{ hash, height, seenAt, origin, peerId, sources }`. */
  blocks = []
  miningOn = null
  #ids = new Set()
  #nextKey = 0

  /** Returns the new entry, or null for a known event (a resume may repeat some). */
  add(frame) {
    if (this.#ids.has(frame.id)) return null
    remember(this.#ids, frame.id, REMEMBERED_IDS)
    const { data } = frame
    const kind = kindOf(data.type)
    const parts = partsOf(kind, data)
    const entry = { key: this.#nextKey++, frame, kind, parts, text: searchText(kind, parts, data) }
    this.meters.get(data.type)?.add(data.loggedAt ?? data.receivedAt)
    if (data.type === 'block') this.addBlock(data)
    if (data.type === 'mining-on') this.miningOn = data.miningOn
    this.#push(entry)
    return entry
  }

  addGap(frame) {
    const entry = { key: this.#nextKey++, gap: frame }
    this.#push(entry)
    return entry
  }

  /** For when the server turns out to be another bridge. */
  clear() {
    this.entries = []
    this.blocks = []
    this.miningOn = null
    this.#ids.clear()
    for (const meter of this.meters.values()) meter.clear()
  }

  #push(entry) {
    this.entries.push(entry)
    // In steps, because cutting the array at every event would copy it at every event.
    if (this.entries.length > KEPT + 500) this.entries = this.entries.slice(-KEPT)
  }

  /** Also called for blocks from before the start of the feed. */
  addBlock({ block, origin, peerId, receivedAt }) {
    const source = origin === 'own' ? 'own' : peerId
    const known = this.blocks.find(({ hash }) => hash === block.hash)
    if (known) {
      known.sources.add(source)
      return
    }
    this.blocks.push({ hash: block.hash, height: block.height, seenAt: receivedAt, origin, peerId, sources: new Set([source]) })
    this.blocks.sort((a, b) => b.height - a.height || b.seenAt - a.seenAt)
    this.blocks.length = Math.min(this.blocks.length, KEPT_BLOCKS)
  }
}

function partsOf(kind, data) {
  try {
    const { title, hash, detail } = kind.parts(data)
    return { title: visible(title), hash: visible(hash), detail: visible(detail) }
  } catch {
    return { title: '', hash: '', detail: 'not understood by this page' } // another version of the bridge
  }
}

/** The text that the filter searches: all that the row shows, with shortened values in full. */
function searchText(kind, parts, data) {
  const height = parts.title.replaceAll(',', '')
  return [kind.name, parts.title, height, parts.hash, parts.detail, data.peerId, data.origin, data.ban?.key].join(' ').toLowerCase()
}

function remember(set, id, limit) {
  set.add(id)
  if (set.size <= limit) return
  for (const oldest of set) {
    set.delete(oldest)
    break
  }
}
