import { byId, setText } from '../dom/element.js'

const SAID = {
  live: 'Live: events arrive as they happen.',
  waiting: 'Connection lost; reconnecting.',
  refused: 'The bridge wants a token.',
}

/** How the live connection is, in the head of the page, and a notice above the contents. */
export class ConnectionLine {
  #announcer
  #state = 'connecting'
  #retryAt = 0
  #isExplained = false

  constructor(announcer) {
    this.#announcer = announcer
  }

  get isLive() {
    return this.#state === 'live'
  }

  /** `waitMs`: how long until the next try. */
  state(next, waitMs) {
    this.#retryAt = performance.now() + waitMs
    if (next !== this.#state && SAID[next]) this.#announcer.say(SAID[next])
    this.#state = next
    if (next === 'live' && this.#isExplained) {
      this.#isExplained = false
      this.notify('')
    }
    this.#announcer.replaying(next !== 'live')
    byId('connection').dataset.state = next
    this.tick()
  }

  /** Says why there is no connection; gone when there is one. */
  explain(sentence) {
    if (this.isLive) return
    this.#isExplained = sentence !== ''
    if (this.#isExplained) this.notify(sentence)
  }

  notify(sentence) {
    byId('notice').hidden = sentence === ''
    setText(byId('notice'), sentence)
  }

  /** The seconds until the next try go on. */
  tick() {
    setText(byId('connection-text'), this.#text())
  }

  #text() {
    if (this.#state === 'connecting') return 'Connecting'
    if (this.#state === 'catching-up') return 'Catching up'
    if (this.#state === 'live') return 'Live'
    if (this.#state === 'refused') return 'Token needed'
    const leftMs = this.#retryAt - performance.now()
    return leftMs > 1000 ? `Reconnecting in ${Math.ceil(leftMs / 1000)} s` : 'Reconnecting'
  }
}
