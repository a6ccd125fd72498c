/** Longest work on RPCs in one turn of the event loop. The heartbeat, Kafka and browsers wait so long at most. */
const MAX_TURN_MS = 10

export interface WorkTurnsDeps {
  readonly now: () => number
  /** Calls back in the next turn of the event loop, after what has arrived by then. */
  readonly nextTurn: (callback: () => void) => void
}

/**
 * Shares the event loop among neighbours. Each works on a small piece at a time and asks before the next one. When the time of this
 * turn is used up, those that ask wait in line, so a neighbour with little to do never waits for all that a flood brought.
 */
export class WorkTurns {
  readonly #deps: WorkTurnsDeps
  readonly #waiting: (() => void)[] = []
  #startedAt: number | undefined

  constructor(deps: WorkTurnsDeps) {
    this.#deps = deps
  }

  /** True when a piece of work may be done now; if not, `await turn()` first. */
  mayWork(): boolean {
    if (this.#waiting.length > 0) return false
    if (this.#startedAt === undefined) this.#start()
    return !this.#isOver()
  }

  /** Resolves when it is the caller's turn, in the order of asking. */
  turn(): Promise<void> {
    if (this.#startedAt === undefined) this.#start()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #isOver(): boolean {
    return this.#deps.now() - (this.#startedAt ?? 0) >= MAX_TURN_MS
  }

  #start(): void {
    this.#startedAt = this.#deps.now()
    this.#deps.nextTurn(() => {
      this.#startedAt = undefined
      void this.#release()
    })
  }

  async #release(): Promise<void> {
    if (this.#waiting.length === 0) return
    this.#start()
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next()
      // Lets the released one do its piece before the clock is looked at.
      await undefined
      await undefined
      if (this.#isOver()) return
    }
  }
}
