/** The latest ids: a resume may bring an event again, with the same id. */
export class RememberedIds {
  readonly #max: number
  readonly #ids = new Set<string>()

  constructor({ max }: { max: number }) {
    this.#max = max
  }

  /** Whether the id is new. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false
    this.#ids.add(id)
    if (this.#ids.size > this.#max) for (const oldest of this.#ids) return this.#ids.delete(oldest)
    return true
  }
}
