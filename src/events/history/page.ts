/** A part of the event log as clients see it, copies included. */
export interface Page<Item> {
  readonly from: bigint
  readonly items: readonly PageItem<Item>[]
  readonly next: bigint
  readonly ids: PageIds
  /** Of `items`: one list for all replays. */
  readonly all: readonly Item[]
}

export interface PageItem<Item> {
  readonly offset: bigint
  readonly id: string
  readonly item: Item
}

export interface OffsetRange {
  readonly from: bigint
  readonly before: bigint
}

export function pageOf<Item>(from: bigint, { items, next }: { items: readonly PageItem<Item>[]; next: bigint }): Page<Item> {
  return { from, items, next, ids: new PageIds(items), all: items.map(({ item }) => item) }
}

/** The ids of a page. All replays that read the page share it, and what it has found out about other pages. */
export class PageIds {
  readonly #first = new Map<string, bigint>()
  /** Later copies within the page: rare. */
  readonly #copies: { readonly id: string; readonly offset: bigint }[] = []
  readonly #shares = new WeakMap<PageIds, boolean>()

  constructor(items: readonly PageItem<unknown>[]) {
    for (const { id, offset } of items) {
      if (this.#first.has(id)) this.#copies.push({ id, offset })
      else this.#first.set(id, offset)
    }
  }

  get size(): number {
    return this.#first.size
  }

  get hasCopies(): boolean {
    return this.#copies.length > 0
  }

  /** Whether any id is in both. Looked up once for all replays. */
  shares(other: PageIds): boolean {
    const known = this.#shares.get(other)
    if (known !== undefined) return known
    let found = false
    for (const id of other.#first.keys()) found ||= this.#first.has(id)
    this.#shares.set(other, found)
    return found
  }

  /** Whether the id stands at an offset from `from` to below `before`. */
  isWithin(id: string, { from, before }: OffsetRange): boolean {
    const first = this.#first.get(id)
    if (first === undefined) return false
    if (first >= from && first < before) return true
    return this.#copies.some((copy) => copy.id === id && copy.offset >= from && copy.offset < before)
  }
}
