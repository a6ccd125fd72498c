import { setImmediate as nextTurn } from 'node:timers/promises'

/** Callers handle the records of one answer in one go, some microseconds each. */
const MAX_RECORDS = 20_000
const MAX_BYTES = 32 << 20
/** At most a few milliseconds of work. */
const SLICE_RECORDS = 4096

/**
 * Bounds how much of one fetch answer is decoded: the rest is fetched again. All partitions of the answer share it. A few hundred
 * compressed bytes may decompress to gigabytes, or to millions of records.
 */
export class DecodeBudget {
  /** Records that may still be delivered. */
  records = MAX_RECORDS
  /** Bytes, after decompression, that may still be decoded. */
  bytes = MAX_BYTES
  #slice = SLICE_RECORDS

  /** True once it is used up. The batch that uses it up is still decoded, so every answer makes progress. */
  get isSpent(): boolean {
    return this.records <= 0 || this.bytes <= 0
  }

  /** How many of the wanted records or batches may be decoded before the next pause. */
  takeSlice(wanted: number): number {
    const taken = Math.min(wanted, this.#slice)
    this.#slice -= taken
    return taken
  }

  get needsPause(): boolean {
    return this.#slice <= 0
  }

  /** Lets the event loop run. */
  async pause(): Promise<void> {
    await nextTurn()
    this.#slice = SLICE_RECORDS
  }
}
