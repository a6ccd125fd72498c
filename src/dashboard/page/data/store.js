import { Chain } from './chain.js'
import { entryOf } from './entry.js'
import { KINDS } from './kinds.js'
import { LatencyMeter } from './latency-meter.js'
import { RateMeter } from './rate-meter.js'

/** Events kept for filtering: more than a screen shows, so that a filter finds matches at once. */
const KEPT = 2000
const REMEMBERED_IDS = 5000

/** All data of the page, bounded. Views read it; only the connection writes to it. */
export class Store {
  /** Newest last: `{ frame, kind, parts, text }`, or `{ gap }` where events are missing. */
  entries = []
  meters = new Map(KINDS.map(({ type }) => [type, new RateMeter()]))
  chain = new Chain()
  /** Of live events: from being heard to the event log, and from there to this page. */
  latencies = { toLog: new LatencyMeter(), toPage: new LatencyMeter() }
  /** The kinds of which an event has come. */
  seenTypes = new Set()
  /** When counting began, by the bridge's clock; null before. */
  startedAt = null
  #ids = new Set()

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
    const entry = entryOf(frame)
    this.meters.get(data.type)?.add(data.loggedAt ?? data.receivedAt)
    this.seenTypes.add(data.type)
    this.chain.add(frame)
    this.#push(entry)
    return entry
  }

  /** `now`: when a live event came, by the bridge's clock. */
  timed({ data: { receivedAt, loggedAt } }, now) {
    this.latencies.toLog.add(now, loggedAt - receivedAt)
    this.latencies.toPage.add(now, now - loggedAt)
  }

  addGap(frame) {
    if (frame.reason === 'topic-made-anew' || frame.reason === 'truncated') this.chain.clear()
    const entry = { gap: frame }
    this.#push(entry)
    return entry
  }

  /** For when the server turns out to be another bridge. */
  clear() {
    this.entries = []
    this.chain.clear()
    this.seenTypes.clear()
    this.#ids.clear()
    for (const meter of this.meters.values()) meter.clear()
  }

  #push(entry) {
    this.entries.push(entry)
    // In steps, because cutting the array at every event would copy it at every event.
    if (this.entries.length > KEPT + 500) this.entries = this.entries.slice(-KEPT)
  }
}

function remember(set, id, limit) {
  set.add(id)
  if (set.size <= limit) return
  for (const oldest of set) {
    set.delete(oldest)
    break
  }
}
