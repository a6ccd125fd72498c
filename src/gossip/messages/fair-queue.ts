interface Lane<Item> {
  readonly items: Item[]
  bytes: number
}

/** A queue with a lane for each topic; the lanes have their turns one after the other. */
export class FairQueue<Item extends { readonly bytes: number }> {
  /** Only lanes in which something waits. The next one is first. */
  readonly #lanes = new Map<string, Lane<Item>>()
  #size = 0
  #bytes = 0

  get size(): number {
    return this.#size
  }

  get bytes(): number {
    return this.#bytes
  }

  ofLane(name: string): { readonly items: number; readonly bytes: number } {
    const lane = this.#lanes.get(name)
    return { items: lane?.items.length ?? 0, bytes: lane?.bytes ?? 0 }
  }

  push(name: string, item: Item): void {
    const lane = this.#lanes.get(name) ?? { items: [], bytes: 0 }
    this.#lanes.set(name, lane)
    lane.items.push(item)
    this.#count(lane, 1, item.bytes)
  }

  /** The oldest item of the lane whose turn it is. */
  shift(): Item | undefined {
    const [next] = this.#lanes
    if (!next) return undefined
    const [name, lane] = next
    const item = lane.items.shift()
    if (item) this.#count(lane, -1, -item.bytes)
    this.#lanes.delete(name)
    if (lane.items.length > 0) this.#lanes.set(name, lane) // behind the others
    return item
  }

  remove(name: string, item: Item): void {
    const lane = this.#lanes.get(name)
    const index = lane?.items.indexOf(item) ?? -1
    if (!lane || index < 0) return
    lane.items.splice(index, 1)
    this.#count(lane, -1, -item.bytes)
    if (lane.items.length === 0) this.#lanes.delete(name)
  }

  #count(lane: Lane<Item>, items: number, bytes: number): void {
    lane.bytes += bytes
    this.#size += items
    this.#bytes += bytes
  }
}
