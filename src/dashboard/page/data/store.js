import { visible } from '../dom/format.js'
import { Blocks, offsetOf } from './blocks.js'
import { KINDS, kindOf } from './kinds.js'
import { RateMeter } from './rate-meter.js'

/** Events kept for filtering: more than a screen shows, so that a filter finds matches at once. */
const KEPT = 2000
const REMEMBERED_IDS = 5000

/** All data of the page, bounded. Views read it; only the connection writes to it. */
export class Store {
  /** Newest last: `{ key, frame, kind, parts, text }`, or `{ key, gap }` where events are missing. */
  entries = []
  meters = new Map(KINDS.map(({ type }) => [type, new RateMeter()]))
  blocks = new Blocks()
  /** The kinds of which an event has come. */
  seenTypes = new Set()
  /** When counting began, by the bridge's clock; null before. */
  startedAt = null
  miningOn = null
  #ids = new Set()
  #nextKey = 0

  /** Totals and rates count from here on. A second call changes nothing. */
  start(now) {
    if (this.startedAt !== null) return
    this.startedAt = now
    for (const meter of this.meters.values()) meter.start(now)
  }

  /** Returns the new entry, or null for a known event (a resume may repeat some). */
  add(frame) {
    if (this.#ids.has(frame.id)) return null
    remember(this.#ids, frame.id, REMEMBERED_IDS)
    const { data } = frame
    const kind = kindOf(data.type)
    const parts = partsOf(kind, data)
    const entry = { key: this.#nextKey++, frame, kind, parts, text: searchText(kind, parts, data) }
    this.meters.get(data.type)?.add(data.loggedAt ?? data.receivedAt)
    this.seenTypes.add(data.type)
    if (data.type === 'block') this.addBlock(frame)
    if (data.type === 'mining-on') this.#addMiningOn(frame)
    this.#push(entry)
    return entry
  }

  #addMiningOn({ data, cursor }) {
    this.miningOn = data.miningOn
    if (data.origin === 'own') this.blocks.ownMinesOn(data.miningOn, offsetOf(cursor))
  }

  addGap(frame) {
    if (frame.reason === 'topic-made-anew' || frame.reason === 'truncated') this.blocks.clear()
    const entry = { key: this.#nextKey++, gap: frame }
    this.#push(entry)
    return entry
  }

  /** For when the server turns out to be another bridge. */
  clear() {
    this.entries = []
    this.blocks.clear()
    this.miningOn = null
    this.seenTypes.clear()
    this.#ids.clear()
    for (const meter of this.meters.values()) meter.clear()
  }

  #push(entry) {
    this.entries.push(entry)
    // In steps, because cutting the array at every event would copy it at every event.
    if (this.entries.length > KEPT + 500) this.entries = this.entries.slice(-KEPT)
  }

  /** Also called for blocks from before the start of the feed. */
  addBlock({ data, cursor }) {
    this.blocks.add(data, offsetOf(cursor))
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
