import { BATCH_HEADER_BYTES, type BatchHeader } from './batch-header.ts'
import { BytesReader } from './bytes/bytes-reader.ts'

/** An aborted transaction, as a broker lists it with the batches of a fetch. */
export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

const ABORT = 0

/**
 * Decides which batches of a fetch belong to aborted transactions. The broker lists these in the order of their ends, not of their
 * beginnings, and transactions of several producers overlap. A producer's batches are aborted from the first offset that is listed for
 * it up to its next abort marker.
 */
export class AbortedTransactions {
  /** Transactions not yet reached, the next one last. */
  readonly #ahead: AbortedTransaction[]
  readonly #aborting = new Set<bigint>()

  readonly #isEmpty: boolean

  constructor(listed: readonly AbortedTransaction[]) {
    this.#isEmpty = listed.length === 0
    this.#ahead = listed.toSorted((left, right) => (left.firstOffset < right.firstOffset ? 1 : -1))
  }

  /** Call it for each batch, in order. */
  isAborted(header: BatchHeader): boolean {
    if (this.#isEmpty) return false
    const { producerId, lastOffset, isTransactional, isControl } = header
    for (let next = this.#ahead.at(-1); next && next.firstOffset <= lastOffset; next = this.#ahead.at(-1)) {
      this.#aborting.add(next.producerId)
      this.#ahead.pop()
    }
    if (!isTransactional) return false
    if (isControl && isAbortMarker(header)) this.#aborting.delete(producerId)
    return !isControl && this.#aborting.has(producerId)
  }
}

/** The key of a control record consists of a version and a type. */
function isAbortMarker({ batch }: BatchHeader): boolean {
  try {
    const reader = new BytesReader(batch, BATCH_HEADER_BYTES)
    reader.varint() // length
    reader.skip(1) // attributes
    reader.varlong() // timestamp
    reader.varint() // offset
    reader.varint() // length of the key
    reader.int16() // version
    return reader.int16() === ABORT
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
