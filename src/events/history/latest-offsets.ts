import { OffsetRing } from './offset-ring.ts'

export interface LatestOffsetsOptions {
  /** The types that are kept. Others, which only later versions know, are left out. */
  readonly types: readonly string[]
  /** Offsets kept per type; 8 bytes each. */
  readonly perType: number
}

/** An event before the known part, for `addOlder`. */
export interface OlderEvent {
  readonly type: string
  readonly offset: bigint
}

/**
 * Where the latest events of each type are: the offsets of their first occurrences, from one offset of the event log to the position of
 * the own tail. The read-back at the start and the tail fill it, so a question for the last events of a type reads no other records.
 */
export class LatestOffsets {
  readonly #options: LatestOffsetsOptions
  #rings: ReadonlyMap<string, OffsetRing>
  /** All events from here on are known; null before the tail starts. */
  #knownFrom: bigint | null = null
  /** Counts truncations and new topics: what was read of the event log before one of them may not be added after it. */
  epoch = 0

  constructor(options: LatestOffsetsOptions) {
    this.#options = options
    this.#rings = this.#emptyRings()
  }

  get knownFrom(): bigint | null {
    return this.#knownFrom
  }

  /** The tail reads from this offset on: at the start, or because the topic was created again. */
  begin(from: bigint): void {
    this.epoch += 1
    this.#rings = this.#emptyRings()
    this.#knownFrom = from
  }

  /** The first occurrence of an event, in the order of the event log. */
  add(type: string, offset: bigint): void {
    this.#rings.get(type)?.push(offset)
  }

  /** Events of the records from `from` up to the known part, ascending. */
  addOlder(events: readonly OlderEvent[], from: bigint): void {
    for (let index = events.length - 1; index >= 0; index--) {
      const event = events[index]
      if (event) this.#rings.get(event.type)?.unshift(event.offset)
    }
    this.#knownFrom = from
  }

  /** The event log was cut: its records from `end` on are gone. */
  truncate(end: bigint): void {
    this.epoch += 1
    for (const ring of this.#rings.values()) ring.truncate(end)
    if (this.#knownFrom !== null && end < this.#knownFrom) this.#knownFrom = end
  }

  /** The offsets of the last `count` known events of these types below `before`, ascending; fewer if fewer are known. */
  last(count: number, types: ReadonlySet<string>, before: bigint): bigint[] {
    const rings = this.#ringsOf(types)
    const left = rings.map((ring) => ring.countBelow(before))
    const offsets: bigint[] = []
    while (offsets.length < count) {
      let newest = -1n
      let from = -1
      for (const [index, ring] of rings.entries()) {
        const size = left[index] as number
        const offset = size > 0 ? ring.at(size - 1) : -1n
        if (offset <= newest) continue
        newest = offset
        from = index
      }
      if (from < 0) break
      offsets.push(newest)
      left[from] = (left[from] as number) - 1
    }
    return offsets.reverse()
  }

  /** The offsets of all events of these types from `from` to below `before`, ascending; null when not all are known. */
  between(from: bigint, before: bigint, types: ReadonlySet<string>): bigint[] | null {
    if (this.#knownFrom === null || from < this.#knownFrom) return null
    const rings = this.#ringsOf(types)
    if (rings.some((ring) => ring.isCut && ring.at(0) > from)) return null
    const count = rings.reduce((sum, ring) => sum + ring.countBelow(before) - ring.countBelow(from), 0)
    return this.last(count, types, before)
  }

  #ringsOf(types: ReadonlySet<string>): OffsetRing[] {
    return [...types].flatMap((type) => this.#rings.get(type) ?? [])
  }

  #emptyRings(): ReadonlyMap<string, OffsetRing> {
    const { types, perType } = this.#options
    return new Map(types.map((type) => [type, new OffsetRing({ capacity: perType })]))
  }
}
