import { byId, setText } from '../dom/element.js'
import { ageText, clockText } from '../dom/format.js'
import { makeRow } from './row.js'

/** Upper bound on the rows in the page. */
const MAX_ROWS = 500

/**
 * The list of events, newest first. Events are drawn once per animation frame, however fast they come, and a frame draws no
 * more than fit into the list. While paused, the list does not change and the button counts new events.
 */
export class FeedView {
  #list = byId('feed')
  #state = byId('feed-state')
  #pause = byId('pause')
  #live
  /** What is listed: the live store, or events of the past. */
  #source
  #isShown
  #now
  #pending = []
  #frame = 0
  #isPaused = false
  #hasClockTimes = false
  #missedWhilePaused = 0

  constructor(store, isShown, now) {
    this.#live = store
    this.#source = store
    this.#isShown = isShown
    this.#now = now
    this.#pause.addEventListener('click', () => this.#toggle())
    this.#list.addEventListener('keydown', (event) => this.#move(event))
    this.#list.addEventListener('click', openRow)
  }

  /** Lists the live events, or these of the past: `{ entries, isOldestFirst }`. */
  show(source) {
    this.#source = source ?? this.#live
    this.redraw()
  }

  /** A new live event. */
  add(entry) {
    if (this.#source !== this.#live || !this.#isShown(entry)) return
    if (this.#isPaused) {
      this.#missedWhilePaused += 1
      this.#label()
      return
    }
    this.#pending.push(entry)
    // A hidden tab draws no frames: drop now the events that the next frame would drop.
    if (this.#pending.length > 2 * MAX_ROWS) this.#pending = this.#pending.slice(-MAX_ROWS)
    this.#frame ||= requestAnimationFrame(() => this.#draw())
  }

  /** Draws all rows again, after a change of the filters. */
  redraw() {
    this.#pending = []
    this.#missedWhilePaused = 0
    this.#list.replaceChildren(...this.#shownEntries().map(makeRow))
    this.tick()
    this.#settle()
  }

  /** In the order of the rows. */
  #shownEntries() {
    const { entries, isOldestFirst } = this.#source
    if (isOldestFirst) return entries.filter(this.#isShown).slice(0, MAX_ROWS)
    const shown = []
    for (let index = entries.length - 1; index >= 0 && shown.length < MAX_ROWS; index--) {
      if (this.#isShown(entries[index])) shown.push(entries[index])
    }
    return shown
  }

  /** Updates the ages, once a second; writes only changed ones. */
  tick() {
    const now = this.#now()
    for (const row of this.#list.children) if (row.receivedAt) setText(row.ageTarget, this.#timeText(row, now))
  }

  /** Shows the time of day instead of the age, or the age again. */
  showClockTimes(hasClockTimes) {
    this.#hasClockTimes = hasClockTimes
    this.tick()
  }

  #draw() {
    this.#frame = 0
    if (this.#isPaused) return
    const fresh = this.#pending.slice(-MAX_ROWS).reverse()
    this.#pending = []
    const rows = fresh.map(makeRow)
    const now = this.#now()
    for (const row of rows) if (row.receivedAt) row.ageTarget.textContent = this.#timeText(row, now)
    this.#list.prepend(...rows)
    while (this.#list.children.length > MAX_ROWS) this.#list.lastElementChild?.remove()
    this.#settle()
  }

  #timeText({ receivedAt }, now) {
    return this.#hasClockTimes || this.#source !== this.#live ? clockText(receivedAt) : ageText(now - receivedAt)
  }

  #toggle() {
    this.#isPaused = !this.#isPaused
    this.#pause.dataset.paused = String(this.#isPaused)
    if (!this.#isPaused) this.redraw()
    else {
      this.#missedWhilePaused = this.#pending.length
      this.#pending = []
    }
    this.#label()
    this.#settle()
  }

  #label() {
    const waiting = this.#missedWhilePaused > 0 ? ` · ${this.#missedWhilePaused.toLocaleString('en-GB')} new` : ''
    setText(this.#pause, this.#isPaused ? `Resume${waiting}` : 'Pause')
  }

  #settle() {
    const rows = this.#list.children.length
    const first = this.#list.firstElementChild
    if (!this.#list.contains(document.activeElement)) this.#setStop(first)
    if (rows > 0 || (this.#source !== this.#live && this.#source.entries.length === 0)) setText(this.#state, '')
    else setText(this.#state, this.#source.entries.length > 0 ? 'Nothing here matches the filters.' : 'Nothing has happened yet.')
  }

  /** The Tab key stops once at the list, arrow keys move inside it: five hundred stops would trap keyboard users. */
  #move(event) {
    const row = event.target.closest?.('li')
    if (!row) return
    if (event.target === row && event.key === 'Enter') row.querySelector('.row-what')?.click()
    if (event.target === row && event.key === 'c' && !event.ctrlKey && !event.metaKey) row.querySelector('.copy')?.click()
    const next = {
      ArrowDown: () => row.nextElementSibling,
      ArrowUp: () => row.previousElementSibling,
      Home: () => this.#list.firstElementChild,
      End: () => this.#list.lastElementChild,
    }[event.key]?.()
    if (!next) return
    event.preventDefault()
    this.#setStop(next)
    next.focus()
  }

  /** Sets the row at which the Tab key enters the list: the newest one, until somebody moves through the list. */
  #setStop(row) {
    const before = this.#list.querySelector('[tabindex="0"]')
    if (before === row) return
    if (before) before.tabIndex = -1
    if (row) row.tabIndex = 0
  }
}

/** A click anywhere on a row opens its event, but not the end of selecting text. */
function openRow({ target }) {
  if (target.closest('a, button') || String(getSelection()) !== '') return
  target.closest('li')?.querySelector('.row-what')?.click()
}
