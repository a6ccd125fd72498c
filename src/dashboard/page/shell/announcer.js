import { byId } from '../dom/element.js'
import { heightText } from '../dom/format.js'

const QUIET_MS = 10_000

/** Speaks to screen readers, at most every ten seconds: the latest block by its height, other events as a number. */
export class Announcer {
  #target = byId('announcer')
  #others = 0
  #block = null
  #timer = 0
  #isReplaying = true

  /** Events from before the page was live are not announced. */
  replaying(isReplaying) {
    this.#isReplaying = isReplaying
  }

  event({ data }) {
    if (this.#isReplaying) return
    if (data.type === 'block') this.#block = data.block
    else this.#others += 1
    this.#later()
  }

  say(sentence) {
    this.#target.textContent = sentence
  }

  #later() {
    if (this.#timer !== 0) return
    this.#timer = setTimeout(() => {
      this.#timer = 0
      const parts = []
      if (this.#block) parts.push(`Block ${heightText(this.#block.height)}`)
      if (this.#others > 0) parts.push(`${this.#others} other ${this.#others === 1 ? 'event' : 'events'}`)
      this.say(`${parts.join(' and ')} in the last ten seconds.`)
      this.#block = null
      this.#others = 0
    }, QUIET_MS)
  }
}
