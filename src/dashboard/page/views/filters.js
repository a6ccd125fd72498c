import { byId } from '../dom/element.js'
import { timeOf } from '../dom/format.js'

/**
 * What the feed shows, kept in the address: `?q=…&origin=…&without=ban,sync&times=clock`, and of the past
 * `since=2026-01-31T09:00:00Z` or `hash=00ab`. So a link or a bookmark shows the same.
 */
export class Filters {
  /** The kinds that are left out. */
  without
  /** What the address asks for of the past: `{ since }`, `{ hash }` or null. */
  past
  #pastNow
  #on = null

  /** `past()`: what is shown of the past. */
  constructor({ past }) {
    this.#pastNow = past
    const asked = new URLSearchParams(location.search)
    byId('search').value = asked.get('q') ?? ''
    byId('origin').value = asked.get('origin') ?? ''
    if (byId('origin').selectedIndex < 0) byId('origin').value = ''
    byId('times').setAttribute('aria-pressed', String(asked.get('times') === 'clock'))
    this.without = (asked.get('without') ?? '').split(',').filter(Boolean)
    this.past = pastOf(asked)
  }

  get origin() {
    return byId('origin').value
  }

  get #hasClockTimes() {
    return byId('times').getAttribute('aria-pressed') === 'true'
  }

  passes({ frame, text }) {
    const search = byId('search').value.trim().toLowerCase()
    return (this.origin === '' || frame.data.origin === this.origin) && (search === '' || text.includes(search))
  }

  /** `on`: `redraw()` after a change of the filters, `times(hasClockTimes)`. */
  start(on) {
    this.#on = on
    const changed = () => this.changed(this.without)
    byId('search').addEventListener('input', changed)
    byId('origin').addEventListener('change', changed)
    byId('times').addEventListener('click', () => {
      byId('times').setAttribute('aria-pressed', String(!this.#hasClockTimes))
      this.keep()
      on.times(this.#hasClockTimes)
    })
    on.times(this.#hasClockTimes)
  }

  changed(without) {
    this.without = without
    this.keep()
    this.#on.redraw()
  }

  /** Writes all of it into the address. */
  keep() {
    const past = this.#pastNow()
    const kept = {
      q: byId('search').value.trim(),
      origin: this.origin,
      without: this.without.join(),
      times: this.#hasClockTimes ? 'clock' : '',
      since: past?.since === undefined ? '' : new Date(past.since).toISOString(),
      hash: past?.hash ?? '',
    }
    const query = String(new URLSearchParams(Object.entries(kept).filter(([, value]) => value !== '')))
    history.replaceState(null, '', `${location.pathname}${query === '' ? '' : `?${query}`}${location.hash}`)
  }
}

function pastOf(asked) {
  const [since, hash] = [zonedTime(asked.get('since') ?? ''), (asked.get('hash') ?? '').toLowerCase()]
  if (/^[0-9a-f]{1,64}$/.test(hash)) return { hash }
  return timeOf(since) ? { since } : null
}

/** A date, or a time with its zone: a link means the same moment in all browsers. Else NaN. */
function zonedTime(text) {
  return /^\d{4}-\d\d-\d\d(?:T.*(?:Z|[+-]\d\d:\d\d))?$/i.test(text) ? Date.parse(text) : Number.NaN
}
