import { setTimeout as sleep } from 'node:timers/promises'

/** Sends under way, at most `max` at once. Their outcomes are their senders' business; none of them may reject. */
export class InFlight {
  readonly #max: number
  readonly #sends = new Set<Promise<void>>()
  #wake: () => void = () => {}

  constructor(options: { max: number }) {
    this.#max = options.max
  }

  get size(): number {
    return this.#sends.size
  }

  add(send: Promise<void>): void {
    const done: Promise<void> = send.finally(() => {
      this.#sends.delete(done)
      this.#wake()
    })
    this.#sends.add(done)
  }

  /** Resolves when one more may go out, or at `abort`. */
  async room(signal: AbortSignal): Promise<void> {
    if (this.#sends.size < this.#max) return
    const wake = () => this.#wake()
    signal.addEventListener('abort', wake)
    while (this.#sends.size >= this.#max && !signal.aborted) await new Promise<void>((resolve) => (this.#wake = resolve))
    signal.removeEventListener('abort', wake)
  }

  /** Resolves when all have ended, or after `deadlineMs` with some still out. */
  async settled(deadlineMs: number): Promise<void> {
    const deadline = new AbortController()
    await Promise.race([Promise.all(this.#sends), sleep(deadlineMs, undefined, { signal: deadline.signal }).catch(() => {})])
    deadline.abort()
  }
}
