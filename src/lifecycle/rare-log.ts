export interface RareLogOptions {
  readonly everyMs?: number
}

export interface RareLogDeps<Sample> {
  /** Gets the count of each kind since the last line, and the latest sample. */
  readonly say: (counts: Readonly<Record<string, number>>, latest: Sample) => void
}

/** Logs events that may happen a thousand times a second: the first at once, then at most one line per `everyMs`. All are counted. */
export class RareLog<Sample = void> {
  readonly #everyMs: number
  readonly #say: RareLogDeps<Sample>['say']
  #counts: Record<string, number> = {}
  #latest: { readonly sample: Sample } | undefined
  #timer: NodeJS.Timeout | undefined

  constructor({ everyMs = 1000 }: RareLogOptions, { say }: RareLogDeps<Sample>) {
    this.#everyMs = everyMs
    this.#say = say
  }

  count(kind: string, sample: Sample): void {
    this.#counts[kind] = (this.#counts[kind] ?? 0) + 1
    this.#latest = { sample }
    if (!this.#timer) this.#flush()
  }

  /** Logs the counts that have not been logged yet. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#flush()
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #flush(): void {
    this.#timer = undefined
    if (!this.#latest) return
    this.#say(this.#counts, this.#latest.sample)
    this.#counts = {}
    this.#latest = undefined
    this.#timer = setTimeout(() => this.#flush(), this.#everyMs)
  }
}
