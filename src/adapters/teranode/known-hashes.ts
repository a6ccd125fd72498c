const HASH = /^[0-9a-f]{64}$/

/** The latest hashes that were written, oldest first. As text they fit into the metadata of a committed offset. */
export class KnownHashes {
  readonly #most: number
  readonly #hashes = new Set<string>()

  constructor({ most }: { most: number }) {
    this.#most = most
  }

  has(hash: string): boolean {
    return this.#hashes.has(hash)
  }

  add(hash: string): void {
    this.#hashes.delete(hash)
    this.#hashes.add(hash)
    const [oldest] = this.#hashes
    if (this.#hashes.size > this.#most && oldest !== undefined) this.#hashes.delete(oldest)
  }

  /** The latest ones. */
  text(count: number): string {
    return `blocks=${[...this.#hashes].slice(-count).join(',')}`
  }

  /** Adds those of a text that `text` has made, and returns them. Any other text has none. */
  addText(text: string): string[] {
    const [, list = ''] = /^blocks=(.*)$/.exec(text) ?? []
    const hashes = list.split(',').filter((hash) => HASH.test(hash))
    for (const hash of hashes) this.add(hash)
    return hashes
  }
}
