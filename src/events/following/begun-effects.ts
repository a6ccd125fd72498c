import type { KafkaRecord } from '../../kafka/record.ts'

/**
 * The effects of the records of one chunk. An effect that is under way, or done, is not begun again when the chunk is handled again after
 * a rejoin: its record may wait in a lane whose leader is away, and while the coordinator is away too one rejoin follows the other.
 */
export class BegunEffects {
  readonly #handle: (record: KafkaRecord) => Promise<void>
  readonly #effects = new Map<bigint, Promise<void>>()

  constructor({ handle }: { handle: (record: KafkaRecord) => Promise<void> }) {
    this.#handle = handle
  }

  /** The effect of a record, once; begun again only after it has failed. */
  of(record: KafkaRecord): Promise<void> {
    const { offset } = record
    const begun = this.#effects.get(offset)
    if (begun !== undefined) return begun
    const effect = this.#handle(record)
    this.#effects.set(offset, effect)
    effect.catch(() => {
      if (this.#effects.get(offset) === effect) this.#effects.delete(offset)
    })
    return effect
  }

  /** All records before this offset are done. */
  passed(next: bigint): void {
    for (const offset of this.#effects.keys()) if (offset < next) this.#effects.delete(offset)
  }

  /** The event log was truncated: the offsets from this one on hold other records, or will. */
  replacedFrom(offset: bigint): void {
    for (const known of this.#effects.keys()) if (known >= offset) this.#effects.delete(known)
  }

  /** Reading begins elsewhere: a record at a known offset may be another one. */
  clear(): void {
    this.#effects.clear()
  }
}
