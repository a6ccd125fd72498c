import { setImmediate as nextTurn } from 'node:timers/promises'
import { createGate } from './gate.ts'
import type { PageItem } from './page.ts'
import { type PagesOptions, UnwantedReadError } from './pages.ts'

export interface SingleItemsDeps<Item> {
  /** The events at some of these ascending offsets: all of those below `next`, the first at least. */
  loadAt(offsets: readonly bigint[]): Promise<{ items: readonly PageItem<Item>[]; next: bigint }>
  bytesOf(item: Item): number
}

/** Items at the first of the offsets asked for, and the offsets that are left. */
export interface SomeItems<Item> {
  readonly items: readonly Item[]
  readonly rest: readonly bigint[]
}

/** Events that stand far from each other, as those of rare types do: each one is read and converted once for all clients. */
export class SingleItems<Item> {
  readonly #options: Pick<PagesOptions, 'maxBytes'>
  readonly #deps: SingleItemsDeps<Item>
  readonly #inTurn: <T>(task: () => Promise<T>) => Promise<T>
  /** In the order of their last use. */
  readonly #items = new Map<bigint, Item>()
  #bytes = 0
  #epoch = 0

  constructor(options: Pick<PagesOptions, 'maxBytes' | 'concurrentReads'>, deps: SingleItemsDeps<Item>) {
    this.#options = options
    this.#deps = deps
    this.#inTurn = createGate(options.concurrentReads)
  }

  async read(offsets: readonly bigint[], isWanted: () => boolean): Promise<SomeItems<Item>> {
    const kept = this.#kept(offsets)
    if (kept.items.length > 0 || offsets.length === 0) return kept
    return this.#inTurn(async () => {
      if (!isWanted()) throw new UnwantedReadError('the client has left')
      const meanwhile = this.#kept(offsets)
      return meanwhile.items.length > 0 ? meanwhile : this.#load(offsets)
    })
  }

  /** The event log was cut or created again: its offsets hold other events. */
  forget(): void {
    this.#epoch += 1
    this.#items.clear()
    this.#bytes = 0
  }

  async #load(offsets: readonly bigint[]): Promise<SomeItems<Item>> {
    const epoch = this.#epoch
    const { items, next } = await this.#deps.loadAt(offsets)
    if (epoch === this.#epoch) for (const { offset, item } of items) this.#keep(offset, item)
    await nextTurn() // live events first
    // The first one counts as read even if nothing can be read there, so that a loop over the rest ends.
    return { items: items.map(({ item }) => item), rest: offsets.filter((offset, index) => index > 0 && offset >= next) }
  }

  #kept(offsets: readonly bigint[]): SomeItems<Item> {
    const items: Item[] = []
    for (const offset of offsets) {
      const item = this.#items.get(offset)
      if (item === undefined) break
      this.#items.delete(offset)
      this.#items.set(offset, item)
      items.push(item)
    }
    return { items, rest: offsets.slice(items.length) }
  }

  #keep(offset: bigint, item: Item): void {
    if (this.#items.has(offset)) return
    this.#items.set(offset, item)
    this.#bytes += this.#deps.bytesOf(item)
    for (const [oldest, kept] of this.#items) {
      if (this.#bytes <= this.#options.maxBytes) break
      this.#items.delete(oldest)
      this.#bytes -= this.#deps.bytesOf(kept)
    }
  }
}
