/** While the view is open, and while only its lamp is seen. */
const OPEN_MS = 2000
const CLOSED_MS = 15_000
const ANSWER_WITHIN_MS = 5000

/**
 * Asks for the status again and again, while the page is visible. `on` gets `status(document)` and `failure(sentence, isOff)`; `isOff`:
 * this bridge does not show its status.
 */
export class StatusPoll {
  #url
  #on
  #everyMs = CLOSED_MS
  #timer = 0
  #asking = null
  /** There is no status here, so nothing is asked until somebody looks. */
  #isOff = false

  constructor(url, on) {
    this.#url = url
    this.#on = on
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden && !this.#isOff) this.now()
    })
  }

  /** Asks at once, and from then on as often as an open or a closed view needs. */
  view(isOpen) {
    this.#everyMs = isOpen ? OPEN_MS : CLOSED_MS
    this.now()
  }

  now() {
    clearTimeout(this.#timer)
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null
      clearTimeout(this.#timer)
      if (!document.hidden && !this.#isOff) this.#timer = setTimeout(() => this.now(), this.#everyMs)
    })
    return this.#asking
  }

  async #ask() {
    try {
      const answer = await fetch(this.#url, { cache: 'no-store', signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
      const answered = await answer.json().catch(() => null)
      this.#isOff = answer.status === 404
      if (answer.ok && answered) this.#on.status(answered)
      else this.#on.failure(answered?.error ?? sentenceOf(answer.status), this.#isOff)
    } catch {
      this.#on.failure('The bridge does not answer. It may have stopped, or the network is away; this page goes on trying.', false)
    }
  }
}

function sentenceOf(status) {
  if (status === 404) return 'This address has no status: the bridge is older than the page, or a proxy does not pass on /v1/status.'
  return `The bridge, or a proxy before it, answers ${status}; this page goes on trying.`
}
