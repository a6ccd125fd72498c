import { setTimeout as sleep } from 'node:timers/promises'

/** Sends in flight, at most `max` at once. The senders handle the outcomes, and no send may reject. */
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

  /** Resolves when one more send may start, or at `abort`. */
  async room(signal: AbortSignal): Promise<void> {
    if (this.#sends.size < this.#max) return
    const wake = () => this.#wake()
    signal.addEventListener('abort', wake)
    while (this.#sends.size >= this.#max && !signal.aborted) await new Promise<void>((resolve) => (this.#wake = resolve))
    signal.removeEventListener('abort', wake)
  }

  /** Resolves when all sends have ended, or after `deadlineMs`. */
  async settled(deadlineMs: number): Promise<void> {
    const deadline = new AbortController()
    await Promise.race([Promise.all(this.#sends), sleep(deadlineMs, undefined, { signal: deadline.signal }).catch(() => {})])
    deadline.abort()
  }
}
