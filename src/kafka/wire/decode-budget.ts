import { setImmediate as nextTurn } from 'node:timers/promises'

const MAX_RECORDS = 100_000
const MAX_BYTES = 32 << 20
/** A few milliseconds' work at most. */
const SLICE_RECORDS = 4096

/**
 * How much of one fetch answer is decoded: what is beyond is fetched again. Shared by all partitions of the answer. A few hundred
 * compressed bytes may stand for gigabytes, or for millions of records.
 */
export class DecodeBudget {
  /** Records that may still be handed on. */
  records = MAX_RECORDS
  /** Bytes, after decompression, that may still be decoded. */
  bytes = MAX_BYTES
  #slice = SLICE_RECORDS

  /** True once it is used up. The batch that uses it up is decoded, so an answer never brings nothing. */
  get isSpent(): boolean {
    return this.records <= 0 || this.bytes <= 0
  }

  /** How many of so many records, or batches, may be decoded before the next pause. */
  takeSlice(wanted: number): number {
    const taken = Math.min(wanted, this.#slice)
    this.#slice -= taken
    return taken
  }

  get needsPause(): boolean {
    return this.#slice <= 0
  }

  /** Everything else gets its turn. */
  async pause(): Promise<void> {
    await nextTurn()
    this.#slice = SLICE_RECORDS
  }
}
