import type { TopicLink } from '../client/topic-link.ts'
import type { KafkaRecord } from '../record.ts'

export type StartPoint = 'earliest' | 'latest' | bigint | { readonly time: number }

/** What is kept of the last record, to recognise the topic again: Kafka's protocol as spoken here has no topic ids. */
export interface LastRecord {
  readonly offset: bigint
  readonly timestamp: number
  readonly key: string
}

const EARLIEST = -2
const LATEST = -1

/** Where a tail stands in partition 0 of its topic, and where it goes on when that place is gone. */
export class TailPosition {
  readonly #link: Pick<TopicLink, 'offsetAt' | 'failed'>
  #next = 0n
  #last: LastRecord | undefined

  constructor(link: Pick<TopicLink, 'offsetAt' | 'failed'>) {
    this.#link = link
  }

  get next(): bigint {
    return this.#next
  }

  seek(offset: bigint): void {
    this.#next = offset
    this.#last = undefined
  }

  advance(next: bigint, last: KafkaRecord | undefined): void {
    this.#next = next
    if (last) this.#last = { offset: last.offset, timestamp: last.timestamp, key: `${last.key}` }
  }

  async locate(from: StartPoint): Promise<void> {
    this.seek(await this.#find(from))
  }

  /**
   * Goes to where the topic can be read again, and says why its place was gone; undefined when it was moved meanwhile.
   * Beyond the end: a topic that begins at 0 was made anew and is read whole; one that does not has lost its newest records.
   */
  async reset(requested: bigint): Promise<'expired' | 'topic-made-anew' | 'truncated' | undefined> {
    const low = await this.#ask(EARLIEST)
    const high = await this.#ask(LATEST)
    const isThere = requested >= low && requested <= high
    if (isThere || this.#next !== requested) return undefined
    const isExpired = requested < low
    this.seek(isExpired || low === 0n ? low : high)
    if (isExpired) return 'expired'
    return low === 0n ? 'topic-made-anew' : 'truncated'
  }

  /** Whether the last record still stands where it stood. `read` gives the record at or after its offset. */
  async isSameTopic(read: (last: LastRecord) => Promise<KafkaRecord | undefined>): Promise<boolean> {
    const last = this.#last
    if (!last) return true
    const found = await read(last)
    if (!found) return true // cut off by compaction or not answered: nothing speaks against it
    return found.offset > last.offset || (found.timestamp === last.timestamp && `${found.key}` === last.key)
  }

  async #find(from: StartPoint): Promise<bigint> {
    if (typeof from === 'bigint') return from
    if (from === 'earliest') return this.#ask(EARLIEST)
    if (from === 'latest') return this.#ask(LATEST)
    const offset = await this.#ask(from.time)
    return offset < 0n ? this.#ask(LATEST) : offset
  }

  async #ask(time: number): Promise<bigint> {
    try {
      return await this.#link.offsetAt(0, time)
    } catch (error) {
      this.#link.failed(0, error)
      throw error
    }
  }
}
