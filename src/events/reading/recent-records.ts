import type { KafkaRecord } from '../../kafka/record.ts'

export interface RecentRecordsOptions {
  readonly maxRecords: number
  readonly maxBytes: number
}

/**
 * Forgotten records are removed from the array in chunks of this size: moving all others for each batch would cost more than reading it.
 */
const FORGET_AT_ONCE = 256

/** The last records that the tail has read, bounded, so that a reader close behind it need not fetch them again. */
export class RecentRecords {
  readonly #options: RecentRecordsOptions
  #records: KafkaRecord[] = []
  /** Index of the oldest record that still counts. */
  #start = 0
  #bytes = 0

  constructor(options: RecentRecordsOptions) {
    this.#options = options
  }

  /** Adds the next records, in order. */
  push(records: readonly KafkaRecord[]): void {
    for (const record of records) {
      this.#records.push(record)
      this.#bytes += sizeOf(record)
    }
    const { maxRecords, maxBytes } = this.#options
    while (this.#bytes > maxBytes || this.#records.length - this.#start > maxRecords) {
      const oldest = this.#records[this.#start]
      if (!oldest) break
      this.#bytes -= sizeOf(oldest)
      this.#start += 1
    }
    if (this.#start < FORGET_AT_ONCE) return
    this.#records.splice(0, this.#start)
    this.#start = 0
  }

  /** At most `count` records from the offset on; undefined when they have to be read from Kafka. */
  from(offset: bigint, count: number): readonly KafkaRecord[] | undefined {
    const oldest = this.#records[this.#start]
    const newest = this.#records.at(-1)
    if (!oldest || !newest || offset < oldest.offset || offset > newest.offset) return undefined
    const start = this.#indexOf(offset)
    return this.#records.slice(start, start + count)
  }

  /** The event log continues elsewhere: records are missing between the last one and the next. */
  restart(): void {
    this.#records = []
    this.#start = 0
    this.#bytes = 0
  }

  /** Index of the first record at or after the offset. */
  #indexOf(offset: bigint): number {
    let low = this.#start
    let high = this.#records.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const record = this.#records[middle]
      if (record && record.offset < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}

function sizeOf({ key, value }: KafkaRecord): number {
  return 512 + (key?.length ?? 0) + (value?.length ?? 0)
}
