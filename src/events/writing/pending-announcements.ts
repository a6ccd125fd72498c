import type { OutgoingRecord } from '../../kafka/record.ts'
import { LONGEST_AGE_STEP_MS } from '../timings.ts'

/** An accepted announcement that is not known to be in the event log yet. */
export interface PendingAnnouncement {
  readonly id: string
  readonly record: OutgoingRecord
  readonly bytes: number
  /** Order of arrival. */
  readonly number: number
  /** Waiting time (see below) at its arrival. */
  readonly since: number
  /** When it arrived, by the steady clock: for the latency and the age bound. */
  readonly heardAt: number
}

export interface PendingAnnouncementsOptions {
  readonly maxEntries: number
  readonly maxBytes: number
  readonly maxAgeMs: number
}

export interface PendingAnnouncementsDeps {
  /** Called with each announcement that a bound has dropped. */
  readonly onDropped: (entry: PendingAnnouncement) => void
}

/**
 * The only buffer between gossip and the event log: in order of arrival, bounded in count, bytes and age. The oldest are dropped first.
 *
 * Ages are counted in waiting time, which passes only while the own tail is live and no own write hangs. While an instance cannot see
 * the writes of others, or they cannot write, no announcement may become due by waiting.
 */
export class PendingAnnouncements {
  readonly #entries = new Map<string, PendingAnnouncement>()
  readonly #options: PendingAnnouncementsOptions
  readonly #onDropped: PendingAnnouncementsDeps['onDropped']
  #bytes = 0
  #time = 0
  #agesStartAt = 0
  #added = 0
  #handedOver = 0

  constructor(options: PendingAnnouncementsOptions, { onDropped }: PendingAnnouncementsDeps) {
    this.#options = options
    this.#onDropped = onDropped
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

  /** Advances waiting time, and drops announcements that are older than the age bound at `now`. */
  advance(elapsedMs: number, now: number): void {
    this.#time += Math.min(Math.max(elapsedMs, 0), LONGEST_AGE_STEP_MS)
    for (const entry of this.#entries.values()) {
      if (now - entry.heardAt <= this.#options.maxAgeMs) break
      this.#dropOldest()
    }
  }

  /** Resets all ages: while the tail was behind, other instances may have written unseen. */
  restartAges(): void {
    this.#agesStartAt = this.#time
  }

  /** This instance has become the primary. Announcements that it received before wait for their turn; their ages restart. */
  handOver(): void {
    this.#handedOver = this.#added
    this.restartAges()
  }

  isHandedOver({ number }: PendingAnnouncement): boolean {
    return number <= this.#handedOver
  }

  /** How long an announcement has waited, in milliseconds of waiting time. */
  age(entry: PendingAnnouncement): number {
    return this.#time - Math.max(entry.since, this.#agesStartAt)
  }

  entries(): IterableIterator<PendingAnnouncement> {
    return this.#entries.values()
  }

  #dropOldest(): void {
    const [oldest] = this.#entries.values()
    if (!oldest) return
    this.delete(oldest.id)
    this.#onDropped(oldest)
  }
}
