import { LONGEST_ECHO_MS } from '../timings.ts'

/**
 * The records of the last batch that have not come by in the own tail yet. After a batch that was slow, or was written in another's
 * place, the next one waits for them: an instance that writes on without seeing its own records does not see the others' either.
 */
export class OwnEcho {
  readonly #awaited = new Set<string>()
  #since = 0

  /** The batch was acknowledged at `now`: from then on its records are waited for. */
  acknowledged(now: number): void {
    this.#since = now
  }

  expect(id: string): void {
    this.#awaited.add(id)
  }

  /** True when it was the last one that was waited for. */
  cameBy(id: string): boolean {
    return this.#awaited.delete(id) && this.#awaited.size === 0
  }

  isAwaited(): boolean {
    return this.#awaited.size > 0
  }

  /** Gives up what does not come by, as when it was cut off the end of the event log. */
  giveUp(now: number): void {
    if (this.#awaited.size > 0 && now - this.#since > LONGEST_ECHO_MS) this.#awaited.clear()
  }
}
