import { LONGEST_ECHO_MS } from '../timings.ts'

/**
 * The records of the last batch that the own tail has not read yet. After a batch that was slow, or was written in place of the primary,
 * the next batch waits for them: an instance that does not see its own records does not see those of others either.
 */
export class OwnEcho {
  readonly #awaited = new Set<string>()
  #since = 0

  /** The batch was acknowledged at `now`: its records are awaited from then on. */
  acknowledged(now: number): void {
    this.#since = now
  }

  expect(id: string): void {
    this.#awaited.add(id)
  }

  /** True when it was the last awaited record. */
  cameBy(id: string): boolean {
    return this.#awaited.delete(id) && this.#awaited.size === 0
  }

  isAwaited(): boolean {
    return this.#awaited.size > 0
  }

  /** Gives up records that do not appear, for example because the end of the event log was truncated. */
  giveUp(now: number): void {
    if (this.#awaited.size > 0 && now - this.#since > LONGEST_ECHO_MS) this.#awaited.clear()
  }
}
