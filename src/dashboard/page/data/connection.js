import { frameOf } from './frame.js'

const FIRST_LAST = 100
/** Requested first, because the last hundred events of a busy node may tell nothing of the chain. Several peers announce each block. */
const FIRST_BLOCKS = 96
/** Maximum number of events after a reconnect; where events are left out, the page shows a notice. */
const RESUME_LAST = 1000
/** The server sends something at least every 10 s. A connection that is silent for this long counts as dead. */
const SILENCE_MS = 25_000
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000
/** Close code: the token has expired. */
const UNAUTHORIZED = 4401

/**
 * Keeps one subscription alive while the page is open: it reconnects and resumes after the last received event. `on` gets
 * `state(state, waitMs)`, `unopened()` (also when the token has expired), `hello(frame)`, `earlierBlock(frame)`, `event(frame)` and `gap(frame)`.
 */
export class Connection {
  #access
  #on
  #socket = null
  #cursor = null
  #isPrelude = false
  #isOpen = false
  #waitMs = FIRST_WAIT_MS
  #silence = 0
  #retry = 0

  constructor(access, on) {
    this.#access = access
    this.#on = on
    // When a phone wakes up or the network is back, try at once.
    addEventListener('online', () => this.#hurry())
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.#hurry()
    })
  }

  open() {
    clearTimeout(this.#retry)
    this.#retry = 0
    this.#on.state('connecting', 0)
    const socket = this.#access.open()
    this.#socket = socket
    this.#isOpen = false
    this.#listen()
    socket.addEventListener('open', () => {
      if (socket === this.#socket) this.#isOpen = true
    })
    socket.addEventListener('message', ({ data }) => {
      if (socket === this.#socket) this.#heard(frameOf(data))
    })
    socket.addEventListener('close', ({ code, reason }) => {
      if (socket === this.#socket) this.#lost(reason, this.#isOpen && code !== UNAUTHORIZED)
    })
  }

  /** No more tries until `open`: somebody has to do something first. */
  pause() {
    clearTimeout(this.#retry)
    this.#retry = 0
    this.#on.state('refused', 0)
  }

  /** The server has another event log than before, so the cursor is void. */
  forget() {
    this.#cursor = null
  }

  #heard(frame) {
    this.#listen()
    if (frame.type === 'hello') this.#greeted(frame)
    else if (this.#isPrelude) this.#heardInPrelude(frame)
    else this.#heardInFeed(frame)
  }

  #heardInPrelude(frame) {
    if (frame.type === 'event') this.#on.earlierBlock(frame)
    if (frame.type !== 'caught-up') return
    this.#isPrelude = false
    this.#subscribe({ last: FIRST_LAST })
  }

  #heardInFeed(frame) {
    if (typeof frame.cursor === 'string') this.#cursor = frame.cursor
    if (frame.type === 'caught-up') {
      this.#waitMs = FIRST_WAIT_MS
      this.#on.state('live', 0)
    } else if (frame.type === 'event') this.#on.event(frame)
    else if (frame.type === 'gap') this.#on.gap(frame)
  }

  #greeted(hello) {
    this.#on.hello(hello)
    this.#on.state('catching-up', 0)
    this.#isPrelude = this.#cursor === null
    this.#subscribe(this.#isPrelude ? { types: ['block', 'mining-on'], last: FIRST_BLOCKS } : { cursor: this.#cursor, last: RESUME_LAST })
  }

  #subscribe(from) {
    this.#socket.send(JSON.stringify({ type: 'subscribe', ...from }))
  }

  #lost(reason, wasOpen) {
    clearTimeout(this.#silence)
    this.#socket = null
    const asked = retryAfterOf(reason)
    const waitMs = asked ?? Math.round(this.#waitMs * (0.5 + Math.random()))
    this.#waitMs = Math.min(LONGEST_WAIT_MS, this.#waitMs * 2)
    this.#on.state('waiting', waitMs)
    this.#retry = setTimeout(() => this.open(), waitMs)
    if (!wasOpen) this.#on.unopened()
  }

  #hurry() {
    if (this.#retry !== 0) this.open()
  }

  #listen() {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => {
      const socket = this.#socket
      this.#lost('', true)
      socket?.close()
    }, SILENCE_MS)
  }
}

/** A server that stops says in its close reason when to reconnect. */
function retryAfterOf(reason) {
  try {
    const { retryAfterMs } = JSON.parse(reason)
    return Number.isFinite(retryAfterMs) ? Math.min(LONGEST_WAIT_MS, Math.max(0, retryAfterMs)) : null
  } catch {
    return null
  }
}
