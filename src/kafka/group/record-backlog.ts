import type { KafkaRecord } from '../record.ts'
import { UndecodableRecord } from './reading/undecodable-record.ts'

/** A record between fetch and commit. */
export interface BacklogEntry {
  readonly record: KafkaRecord
  state: 'waiting' | 'running' | 'failed' | 'done'
  /** Why the record becomes a dead letter, once that is decided. */
  fault: unknown
}

/** Entries that are done are removed together, at least this many: each removal from an array moves all that remain. */
const REMOVE_TOGETHER = 512

/** The records of one partition between fetch and commit, in offset order. */
export class RecordBacklog {
  readonly #entries: BacklogEntry[] = []
  /** Index of the oldest entry that is not done. */
  #oldest = 0
  /** Index of the first entry that may still wait: all before it have started. */
  #started = 0
  #bytes = 0

  get size(): number {
    return this.#entries.length - this.#oldest
  }

  get bytes(): number {
    return this.#bytes
  }

  add(record: KafkaRecord): void {
    this.#entries.push({ record, state: 'waiting', fault: record instanceof UndecodableRecord ? record.fault : undefined })
    this.#bytes += sizeOf(record)
  }

  /** The oldest record that is not done. */
  oldest(): KafkaRecord | undefined {
    return this.#entries[this.#oldest]?.record
  }

  oldestFailed(): BacklogEntry | undefined {
    return this.#entries.find((entry) => entry.state === 'failed')
  }

  /** The first entry that waits; later calls return those after it. */
  nextWaiting(): BacklogEntry | undefined {
    for (let entry = this.#entries[this.#started]; entry; entry = this.#entries[this.#started]) {
      this.#started += 1
      if (entry.state === 'waiting') return entry
    }
    return undefined
  }

  /** Failed entries wait again, and `nextWaiting` begins at the oldest one. */
  retryFailed(): void {
    for (const entry of this.#entries) if (entry.state === 'failed') entry.state = 'waiting'
    this.#started = this.#oldest
  }

  /** Removes the entries at the front that are done. */
  removeDone(): void {
    for (let entry = this.#entries[this.#oldest]; entry?.state === 'done'; entry = this.#entries[this.#oldest]) {
      this.#bytes -= sizeOf(entry.record)
      this.#oldest += 1
    }
    if (this.size > 0 && this.#oldest < Math.max(REMOVE_TOGETHER, this.size)) return
    this.#entries.splice(0, this.#oldest)
    this.#started = Math.max(0, this.#started - this.#oldest)
    this.#oldest = 0
  }
}

function sizeOf(record: KafkaRecord): number {
  return 128 + (record.value?.length ?? 0) + (record.key?.length ?? 0)
}
