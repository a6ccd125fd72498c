import type { KafkaRecord } from '../../kafka/record.ts'

export interface RecentRecordsOptions {
  readonly maxRecords: number
  readonly maxBytes: number
}

/** What the tail has passed last, bounded, for a reader close behind it: it need not ask Kafka for the same records again. */
export class RecentRecords {
  readonly #options: RecentRecordsOptions
  #records: KafkaRecord[] = []
  #bytes = 0

  constructor(options: RecentRecordsOptions) {
    this.#options = options
  }

  /** The next records of the log, in order. */
  push(records: readonly KafkaRecord[]): void {
    for (const record of records) {
      this.#records.push(record)
      this.#bytes += sizeOf(record)
    }
    const { maxRecords, maxBytes } = this.#options
    let drop = 0
    while (this.#bytes > maxBytes || this.#records.length - drop > maxRecords) {
      const oldest = this.#records[drop]
      if (!oldest) break
      this.#bytes -= sizeOf(oldest)
      drop += 1
    }
    if (drop > 0) this.#records = this.#records.slice(drop)
  }

  /** At most `count` records from the offset on, or undefined where only the log itself can tell. */
  from(offset: bigint, count: number): readonly KafkaRecord[] | undefined {
    const [oldest] = this.#records
    const newest = this.#records.at(-1)
    if (!oldest || !newest || offset < oldest.offset || offset > newest.offset) return undefined
    const start = this.#indexOf(offset)
    return this.#records.slice(start, start + count)
  }

  /** The log goes on elsewhere: between what was passed and what comes there is a hole. */
  restart(): void {
    this.#records = []
    this.#bytes = 0
  }

  /** Of the first record at or after the offset. */
  #indexOf(offset: bigint): number {
    let low = 0
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
