import { setImmediate as nextTurn } from 'node:timers/promises'
import { createGate } from './gate.ts'
import { type Page, type PageItem, pageOf } from './page.ts'

export interface PagesOptions {
  /** Upper bound on the pages kept. */
  readonly maxPages: number
  /** Upper bound on their bytes. */
  readonly maxBytes: number
  /** Reads at the same time: converting each answer blocks the event loop. */
  readonly concurrentReads: number
}

export interface PagesDeps<Item> {
  load(from: bigint): Promise<{ items: readonly PageItem<Item>[]; next: bigint }>
  bytesOf(item: Item): number
}

/** Nobody waits for the read any more. */
export class UnwantedReadError extends Error {
  override readonly name = 'UnwantedReadError'
  readonly code = 'BRIDGE_UNWANTED_READ'
}

interface Flight<Item> {
  readonly from: bigint
  readonly page: Promise<Page<Item>>
  readonly wants: (() => boolean)[]
}

/** Offsets within which a reader waits for another one's page, which probably holds its offset too. */
const NEAR_OFFSETS = 256n

/**
 * Pages of the event log, read and converted once for all replays that are near each other. After an outage of the network a thousand
 * clients return with cursors of the same second.
 */
export class Pages<Item> {
  readonly #options: PagesOptions
  readonly #deps: PagesDeps<Item>
  readonly #inTurn: <T>(task: () => Promise<T>) => Promise<T>
  /** In the order of their last use. */
  readonly #pages = new Map<Page<Item>, number>()
  readonly #flights = new Set<Flight<Item>>()
  #bytes = 0
  #epoch = 0

  constructor(options: PagesOptions, deps: PagesDeps<Item>) {
    this.#options = options
    this.#deps = deps
    this.#inTurn = createGate(options.concurrentReads)
  }

  /** A page that holds this offset, or what follows it. Rejects when the offset cannot be read, or nobody wants it any more. */
  async read(from: bigint, isWanted: () => boolean): Promise<Page<Item>> {
    for (;;) {
      const kept = this.#kept(from)
      if (kept) return kept
      const flight = this.#flightNear(from)
      if (!flight) return this.#begin(from, isWanted)
      flight.wants.push(isWanted)
      const page = await this.#pageOf(flight, from)
      if (page && holds(page, from)) return page
      if (!isWanted()) throw new UnwantedReadError('the client has left')
    }
  }

  /** The event log was cut or created again: its offsets hold other events. */
  forget(): void {
    this.#epoch += 1
    this.#pages.clear()
    this.#flights.clear()
    this.#bytes = 0
  }

  #begin(from: bigint, isWanted: () => boolean): Promise<Page<Item>> {
    const wants = [isWanted]
    const page = this.#inTurn(() => this.#load(from, wants)).finally(() => this.#flights.delete(flight))
    const flight: Flight<Item> = { from, page, wants }
    this.#flights.add(flight)
    return page
  }

  /** Undefined when the other reader's offset cannot be read: this one may. */
  async #pageOf(flight: Flight<Item>, from: bigint): Promise<Page<Item> | undefined> {
    try {
      return await flight.page
    } catch (error) {
      if (flight.from === from) throw error
      return undefined
    }
  }

  async #load(from: bigint, wants: readonly (() => boolean)[]): Promise<Page<Item>> {
    if (!wants.some((isWanted) => isWanted())) throw new UnwantedReadError('all clients that waited for it have left')
    const epoch = this.#epoch
    const page = pageOf(from, await this.#deps.load(from))
    if (epoch === this.#epoch && page.next > from) this.#keep(page)
    await nextTurn() // live events first
    return page
  }

  #keep(page: Page<Item>): void {
    const bytes = page.items.reduce((sum, { item }) => sum + this.#deps.bytesOf(item), 0)
    this.#pages.set(page, bytes)
    this.#bytes += bytes
    for (const [oldest, size] of this.#pages) {
      if (this.#pages.size <= this.#options.maxPages && this.#bytes <= this.#options.maxBytes) break
      this.#pages.delete(oldest)
      this.#bytes -= size
    }
  }

  #kept(from: bigint): Page<Item> | undefined {
    for (const [page, bytes] of this.#pages) {
      if (!holds(page, from)) continue
      this.#pages.delete(page)
      this.#pages.set(page, bytes)
      return page
    }
    return undefined
  }

  #flightNear(from: bigint): Flight<Item> | undefined {
    for (const flight of this.#flights) if (from >= flight.from && from < flight.from + NEAR_OFFSETS) return flight
    return undefined
  }
}

function holds({ from, next }: Pick<Page<unknown>, 'from' | 'next'>, offset: bigint): boolean {
  return offset >= from && offset < next
}
