import { SUBPROTOCOL } from './frame.js'

/** Opens WebSockets to the server of this page, with the token that was typed, if there is one. It is kept in memory only. */
export class Access {
  #url
  #token = ''

  /** `url`: of the WebSocket, with the scheme of the page. */
  constructor(url) {
    this.#url = url
  }

  use(token) {
    this.#token = token
  }

  open() {
    return new WebSocket(this.#url.replace(/^http/, 'ws'), this.#token ? [SUBPROTOCOL, `bearer.${this.#token}`] : SUBPROTOCOL)
  }

  /**
   * Why the WebSocket does not open: `{ needsToken, sentence }`, since a page is not told. The sentence is empty while the bridge does not
   * answer at all, since then it is right to wait. The question is a POST, because that carries the page's origin.
   */
  async whyNot() {
    try {
      const headers = this.#token ? { Authorization: `Bearer ${this.#token}` } : {}
      const answer = await fetch(this.#url, { method: 'POST', cache: 'no-store', headers, signal: AbortSignal.timeout(5000) })
      const needsToken = answer.status === 401
      return { needsToken, sentence: needsToken ? this.#tokenSentence(await answer.text()) : sentenceOf(answer.status) }
    } catch {
      return { needsToken: false, sentence: '' }
    }
  }

  #tokenSentence(said) {
    return this.#token ? `The bridge refuses this token: ${said.trim()}.` : 'The bridge shows its events to those who have a token.'
  }
}

function sentenceOf(status) {
  if (status === 403)
    return `The bridge refuses this page: ${location.origin} is not among the origins that may connect (setting ws_allowed_origins).`
  if (status === 426)
    return 'The bridge answers, but its WebSocket does not open: a proxy before it may not pass on Upgrade and Connection.'
  return `The WebSocket does not open, and the bridge, or a proxy before it, answers ${status}.`
}
