export interface RareLogOptions {
  readonly everyMs?: number
}

export interface RareLogDeps {
  /** Gets how often each kind was counted since the last time. */
  readonly say: (counts: Readonly<Record<string, number>>) => void
}

/** For what may happen a thousand times a second: the first is said at once, then at most one line a second, and nothing is left unsaid. */
export class RareLog {
  readonly #everyMs: number
  readonly #say: RareLogDeps['say']
  #counts: Record<string, number> = {}
  #timer: NodeJS.Timeout | undefined

  constructor({ everyMs = 1000 }: RareLogOptions, { say }: RareLogDeps) {
    this.#everyMs = everyMs
    this.#say = say
  }

  count(kind: string): void {
    this.#counts[kind] = (this.#counts[kind] ?? 0) + 1
    if (!this.#timer) this.#flush()
  }

  /** Says what has not been said yet. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#flush()
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #flush(): void {
    this.#timer = undefined
    if (Object.keys(this.#counts).length === 0) return
    this.#say(this.#counts)
    this.#counts = {}
    this.#timer = setTimeout(() => this.#flush(), this.#everyMs)
  }
}
