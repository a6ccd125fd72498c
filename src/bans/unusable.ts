/** Entries of a list that ban nobody, as one line of the log has them. */
export interface Unusable {
  readonly count: number
  /** Of the first ones. */
  readonly keys: readonly string[]
  readonly err: unknown
}

const MOST_KEYS = 10

/** Gathers what is wrong with entries while a list is read: a line for each of 100,000 would be no help. */
export class UnusableEntries {
  readonly #keys: string[] = []
  #count = 0
  #err: unknown

  add(key: string, err: unknown): void {
    this.#count += 1
    this.#err ??= err
    if (this.#keys.length < MOST_KEYS) this.#keys.push(key)
  }

  /** Calls `say` once if there were any. */
  tell(say: (unusable: Unusable) => void): void {
    if (this.#count > 0) say({ count: this.#count, keys: this.#keys, err: this.#err })
  }
}
