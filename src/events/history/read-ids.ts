import type { OffsetRange, Page, PageIds, PageItem } from './page.ts'

/**
 * What one replay has read, in order to drop later copies. A whole page without a copy costs a few look-ups, whatever it holds, since the
 * pages know which of them share ids.
 */
export class ReadIds {
  readonly #atLeast: number
  readonly #read: (OffsetRange & { readonly ids: PageIds })[] = []
  #count = 0

  /** `atLeast`: so many of the latest ids are remembered, and at most a page more. */
  constructor({ atLeast }: { atLeast: number }) {
    this.#atLeast = atLeast
  }

  /** The items of a page within the range, without copies of what was read before. For a whole page it is the same list for all replays. */
  take<Item>(page: Page<Item>, range: OffsetRange): readonly Item[] {
    const isWhole = range.from <= page.from && range.before >= page.next
    const isNew = isWhole && !page.ids.hasCopies && !this.#read.some(({ ids }) => ids.shares(page.ids))
    const items = isNew ? page.all : this.#firstOf(page.items, range)
    this.#remember(page.ids, range)
    return items
  }

  #firstOf<Item>(items: readonly PageItem<Item>[], { from, before }: OffsetRange): Item[] {
    const here = new Set<string>()
    const found: Item[] = []
    for (const { id, offset, item } of items) {
      if (offset < from || offset >= before || here.has(id)) continue
      here.add(id)
      if (!this.#read.some((read) => read.ids.isWithin(id, read))) found.push(item)
    }
    return found
  }

  #remember(ids: PageIds, { from, before }: OffsetRange): void {
    this.#read.push({ ids, from, before })
    this.#count += ids.size
    for (let oldest = this.#read[0]; oldest && this.#count - oldest.ids.size >= this.#atLeast; oldest = this.#read[0]) {
      this.#read.shift()
      this.#count -= oldest.ids.size
    }
  }
}
