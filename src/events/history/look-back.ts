import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LatestOffsets, OlderEvent } from './latest-offsets.ts'

/** Ids and types of a part of the event log, copies included. `next` is the offset at which to continue. */
export interface HeadPage {
  readonly heads: readonly { readonly id: string; readonly type: string; readonly offset: bigint }[]
  readonly next: bigint
}

export interface LookBackOptions {
  /** Upper bound on the offsets that all searches of the process together go back beyond the read-back. */
  readonly maxOffsets: number
  /** Offsets of one step. */
  readonly stepOffsets: number
}

export interface LookBackDeps {
  readonly latest: LatestOffsets
  /** Rejects when the offset is outside the event log, or Kafka does not answer. */
  readHeads(from: bigint): Promise<HeadPage>
  bounds(): Promise<{ low: bigint; high: bigint }>
}

/**
 * Makes the known part of the event log longer, step by step towards its beginning, for the last events of rare types. Each record is
 * read at most once for all clients of the process, and only its id and type are decoded.
 */
export class LookBack {
  readonly #options: LookBackOptions
  readonly #deps: LookBackDeps
  #looked = 0
  #step: Promise<boolean> | undefined

  constructor(options: LookBackOptions, deps: LookBackDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Goes on until there is enough, nobody wants it any more, or the end is reached: the event log's beginning, or the bound. */
  async until(isEnough: () => boolean, isWanted: () => boolean): Promise<void> {
    while (!isEnough() && isWanted()) {
      this.#step ??= this.#lookBack().finally(() => {
        this.#step = undefined
      })
      if (!(await this.#step)) return
    }
  }

  /** One step; false at the end. */
  async #lookBack(): Promise<boolean> {
    const { latest, bounds } = this.#deps
    const { maxOffsets, stepOffsets } = this.#options
    const to = latest.knownFrom
    if (to === null || this.#looked >= maxOffsets) return false
    const { epoch } = latest
    const { low } = await bounds()
    const from = to - BigInt(stepOffsets) > low ? to - BigInt(stepOffsets) : low
    if (from >= to) return false
    const events = await this.#firstOccurrences(from, to)
    if (latest.epoch !== epoch) return true // the event log was cut or created again: `latest` has begun anew
    latest.addOlder(events, from)
    this.#looked += Number(to - from)
    return true
  }

  async #firstOccurrences(from: bigint, to: bigint): Promise<OlderEvent[]> {
    const seen = new Set<string>()
    const events: OlderEvent[] = []
    for (let at = from; at < to; ) {
      const { heads, next } = await this.#deps.readHeads(at)
      for (const { id, type, offset } of heads) {
        if (offset >= to || seen.has(id)) continue
        seen.add(id)
        events.push({ type, offset })
      }
      if (next <= at) break
      at = next
      await nextTurn() // decoding one page blocks the event loop
    }
    return events
  }
}
