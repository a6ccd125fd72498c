import { entryOf } from '../data/entry.js'
import { replay } from './replay.js'

/** Events of one page of the past: as many as the feed shows. */
const MOST = 500

/**
 * Events of the past, oldest first, in `entries`: from a time on, or those of a hash. `on` gets `changed()` whenever something is new.
 * One reading at a time; a new one ends the one before.
 */
export class Past {
  entries = []
  isOldestFirst = true
  /** `{ since }` or `{ hash }`: what is shown; null for the live feed. */
  asked = null
  /** `reading`, `more` (there is more after it), `end`, or `failed`. */
  state = 'end'
  failure = ''
  #access
  #changed
  #ending = null
  #cursor = null
  #only = {}
  #drawnAt = 0

  constructor(access, { changed }) {
    this.#access = access
    this.#changed = changed
  }

  /** `types` and `origin`: what the feed shows of it; the server sends no other. */
  from(since, { types, origin }) {
    return this.#begin({ since }, { ...(types.length > 0 ? { types } : {}), ...(origin ? { filter: { origin } } : {}) })
  }

  /** All events of which the hash begins with these digits. */
  search(hash) {
    return this.#begin({ hash }, { filter: { hashPrefix: hash } })
  }

  /** The events after those that are shown; after a failure they come behind them. */
  later() {
    if (this.state === 'more') this.entries = []
    return this.#read()
  }

  leave() {
    this.#ending?.abort()
    this.asked = null
    this.entries = []
  }

  #begin(asked, only) {
    this.entries = []
    this.asked = asked
    this.#only = only
    this.#cursor = null
    return this.#read()
  }

  async #read() {
    const ask = { ...this.#only, ...(this.#cursor === null ? { since: this.asked.since ?? 0 } : { cursor: this.#cursor }) }
    this.#ending?.abort()
    const ending = new AbortController()
    this.#ending = ending
    this.state = 'reading'
    this.#changed()
    const { isAtEnd, failure } = await replay({
      access: this.#access,
      ask,
      most: Math.max(1, MOST - this.entries.length),
      signal: ending.signal,
      onEvent: (frame) => this.#came(frame),
      onGap: (gap) => this.entries.push({ gap }),
    })
    if (ending !== this.#ending || ending.signal.aborted) return
    this.failure = failure
    this.state = failure !== '' ? 'failed' : isAtEnd ? 'end' : 'more'
    this.#changed()
  }

  /** A search may take a while, so what it finds is shown meanwhile, a few times a second. */
  #came(frame) {
    this.#cursor = frame.cursor
    this.entries.push(entryOf(frame))
    const now = performance.now()
    if (now - this.#drawnAt < 300) return true
    this.#drawnAt = now
    this.#changed()
    return true
  }
}
