import { byId, setText } from '../dom/element.js'
import { count, fullTime, timeOf } from '../dom/format.js'

/** Fewer digits are the beginning of too many hashes. */
const LEAST_DIGITS = 4

/**
 * The controls of the past: a time to go to, a search in the whole event log, and the line that says that what is shown is not live.
 * `on` gets `asked()` after each change of what is shown.
 */
export class PastView {
  #past
  #shownOf
  #on

  /** `shownOf()`: the kinds and the origin that the feed shows. */
  constructor(past, { shownOf, on }) {
    this.#past = past
    this.#shownOf = shownOf
    this.#on = on
    byId('past-open').addEventListener('click', () => this.#toggle(byId('past-form').hidden))
    byId('past-form').addEventListener('submit', (event) => {
      event.preventDefault()
      // Text without a zone is a time of this browser's zone.
      this.go({ since: Date.parse(byId('past-time').value) })
    })
    byId('past-live').addEventListener('click', () => this.go(null))
    byId('past-later').addEventListener('click', () => void this.#past.later())
    byId('search-all').addEventListener('click', () => this.go({ hash: this.#digits() }))
    byId('search').addEventListener('input', () => this.#offer())
    byId('search').addEventListener('keydown', ({ key }) => {
      if (key === 'Enter' && !byId('search-all').hidden) this.go({ hash: this.#digits() })
    })
    this.#offer()
  }

  /** `{ since }`, `{ hash }`, or null for the live feed. */
  go(asked) {
    if (asked?.hash) void this.#past.search(asked.hash)
    else if (asked && timeOf(asked.since)) void this.#past.from(Math.max(0, asked.since), this.#shownOf())
    else this.#past.leave()
    if (asked) this.#toggle(Boolean(asked.since))
    this.draw()
    this.#on.asked()
  }

  draw() {
    const { asked, state } = this.#past
    byId('past').hidden = asked === null
    byId('past-later').hidden = state !== 'more' && state !== 'failed'
    setText(byId('past-later'), state === 'failed' ? 'Try again' : 'Later events')
    byId('pause').hidden = asked !== null
    setText(byId('feed-title'), asked === null ? 'Live feed' : 'Event log')
    if (asked !== null) setText(byId('past-text'), `${whatText(asked)} ${stateText(this.#past)}`)
  }

  #toggle(isOpen) {
    byId('past-form').hidden = !isOpen
    byId('past-open').setAttribute('aria-expanded', String(isOpen))
    if (isOpen && byId('past-time').value === '') byId('past-time').value = localText(Date.now() - 600_000)
  }

  #offer() {
    const digits = this.#digits()
    byId('search-all').hidden = digits === ''
    setText(
      byId('search-all'),
      `Search the whole event log for hashes that begin with ${digits.slice(0, 16)}${digits.length > 16 ? '…' : ''}`,
    )
  }

  #digits() {
    const text = byId('search').value.trim().toLowerCase()
    return new RegExp(`^[0-9a-f]{${LEAST_DIGITS},64}$`).test(text) ? text : ''
  }
}

function whatText({ since, hash }) {
  if (hash) return `Not live: events of hashes that begin with ${hash.length > 20 ? `${hash.slice(0, 16)}…` : hash}, oldest first.`
  return `Not live: events from ${fullTime(since)} on, oldest first.`
}

function stateText({ state, entries, failure }) {
  const events = entries.filter(({ frame }) => frame).length
  if (state === 'reading') return events === 0 ? 'Reading…' : `Reading… ${count(events, 'event', 'events')} so far.`
  const found = events === 0 ? 'None found' : count(events, 'event', 'events')
  if (state === 'failed') return `${found}, then: ${failure}`
  return state === 'more' ? `${found}, and there are more.` : `${found}, up to now.`
}

/** The text of a field for local times. */
function localText(ms) {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}
