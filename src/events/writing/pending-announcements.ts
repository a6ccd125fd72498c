import type { OutgoingRecord } from '../../kafka/record.ts'

/** What an accepted announcement waits in until it is known to be in the log. */
export interface RingEntry {
  readonly id: string
  readonly record: OutgoingRecord
  readonly bytes: number
  /** In order of arrival. */
  readonly number: number
  /** Ring time at which it came in. */
  readonly since: number
  /** When it came in, in milliseconds by a clock that nobody sets: for latency and for the age bound. */
  readonly heardAt: number
}

export interface RingOptions {
  readonly maxEntries: number
  readonly maxBytes: number
  readonly maxAgeMs: number
}

/** The longest step that ring time takes at once, so that a frozen process does not wake up with a ring full of due entries. */
const LONGEST_STEP_MS = 100

/**
 * The only buffer between gossip and the log: in order of arrival, bounded in count, bytes and age (the oldest go first).
 *
 * Ages are counted in ring time, which runs only while the own tail of the log is live and no write of our own hangs: as long as one
 * cannot see what the others wrote, or they cannot write, nothing may become due because of waiting.
 */
export class Ring {
  readonly #entries = new Map<string, RingEntry>()
  readonly #options: RingOptions
  readonly #onDropped: (entry: RingEntry) => void
  #bytes = 0
  #time = 0
  #agesStartAt = 0
  #added = 0
  #handedOver = 0

  constructor(options: RingOptions, deps: { onDropped: (entry: RingEntry) => void }) {
    this.#options = options
    this.#onDropped = deps.onDropped
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  has(id: string): boolean {
    return this.#entries.has(id)
  }

  add(id: string, record: OutgoingRecord, heardAt: number): void {
    const bytes = (record.value?.length ?? 0) + 2 * id.length + 256
    this.#added += 1
    this.#entries.set(id, { id, record, bytes, number: this.#added, since: this.#time, heardAt })
    this.#bytes += bytes
    while (this.#entries.size > this.#options.maxEntries || this.#bytes > this.#options.maxBytes) this.#dropOldest()
  }

  delete(id: string): void {
    const entry = this.#entries.get(id)
    if (!entry) return
    this.#entries.delete(id)
    this.#bytes -= entry.bytes
  }

  /** Lets ring time pass and drops what is older than the age bound. `elapsedMs` is wall clock since the last call. */
  advance(elapsedMs: number, now: number): void {
    this.#time += Math.min(Math.max(elapsedMs, 0), LONGEST_STEP_MS)
    for (const entry of this.#entries.values()) {
      if (now - entry.heardAt <= this.#options.maxAgeMs) break
      this.#dropOldest()
    }
  }

  /** All entries count as just arrived: what they waited for may have happened unseen. */
  restartAges(): void {
    this.#agesStartAt = this.#time
  }

  /** What is here now was heard before this instance became the holder; its ages start anew. */
  handOver(): void {
    this.#handedOver = this.#added
    this.restartAges()
  }

  isHandedOver({ number }: RingEntry): boolean {
    return number <= this.#handedOver
  }

  /** Milliseconds of ring time that the entry has waited. */
  age(entry: RingEntry): number {
    return this.#time - Math.max(entry.since, this.#agesStartAt)
  }

  entries(): IterableIterator<RingEntry> {
    return this.#entries.values()
  }

  #dropOldest(): void {
    const [oldest] = this.#entries.values()
    if (!oldest) return
    this.delete(oldest.id)
    this.#onDropped(oldest)
  }
}
