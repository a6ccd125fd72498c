import type { EventLogGap } from '../ports.ts'
import type { EventEntry } from './read-events.ts'

/** The entries of one answer to the own tail. */
export interface EntryBatch {
  /** First occurrences, in the order of the event log. */
  readonly entries: readonly EventEntry[]
  /** The offset after the answer. */
  readonly next: bigint
  /** True for entries that were in the event log when this instance started. */
  readonly isReadBack: boolean
}

/** What an answer to the own tail has brought: its first occurrences, and the offset after it. Events from `newFrom` on are new. */
export interface Answer {
  readonly entries: readonly EventEntry[]
  readonly next: bigint
  readonly newFrom: bigint
}

/** A listener to the event log. The tail continues when the returned promises have resolved. */
export interface EventLogSubscriber {
  onEntries?(batch: EntryBatch): void | Promise<void>
  /** The position moved without an entry: past copies, unreadable records, or offsets without a record. The first one ends the read-back. */
  onPosition?(next: bigint): void | Promise<void>
  onGap?(gap: EventLogGap): void | Promise<void>
}

/** The subscribers of the event log. A failure of one is logged and does not affect the others. */
export class Subscribers {
  readonly #subscribers = new Set<EventLogSubscriber>()
  readonly #onError: (error: unknown) => void

  constructor({ onError }: { onError: (error: unknown) => void }) {
    this.#onError = onError
  }

  add(subscriber: EventLogSubscriber): () => void {
    this.#subscribers.add(subscriber)
    return () => void this.#subscribers.delete(subscriber)
  }

  /**
   * Tells what one answer to the tail has brought, which may be the last entries of the read-back and the first new ones. No position is told
   * before the read-back has passed: who answers for the event log from a position on has to know what stands before it.
   */
  async answer({ entries, next, newFrom }: Answer): Promise<void> {
    const isMixed = next > newFrom && (entries[0]?.offset ?? newFrom) < newFrom
    if (isMixed || next <= newFrom) {
      const old = isMixed ? entries.filter(({ offset }) => offset < newFrom) : entries
      if (old.length > 0) await this.#entries({ entries: old, next: isMixed ? newFrom : next, isReadBack: true })
      if (next >= newFrom) await this.position(newFrom)
      if (next <= newFrom) return
    }
    const fresh = isMixed ? entries.filter(({ offset }) => offset >= newFrom) : entries
    if (fresh.length > 0) await this.#entries({ entries: fresh, next, isReadBack: false })
    else await this.position(next)
  }

  async #entries(batch: EntryBatch): Promise<void> {
    await this.#each((subscriber) => subscriber.onEntries?.(batch))
  }

  async position(next: bigint): Promise<void> {
    await this.#each((subscriber) => subscriber.onPosition?.(next))
  }

  async gap(gap: EventLogGap): Promise<void> {
    await this.#each((subscriber) => subscriber.onGap?.(gap))
  }

  async #each(tell: (subscriber: EventLogSubscriber) => void | Promise<void> | undefined): Promise<void> {
    const waits: Promise<void>[] = []
    for (const subscriber of this.#subscribers) {
      try {
        const wait = tell(subscriber)
        if (wait instanceof Promise) waits.push(wait.catch(this.#onError))
      } catch (error) {
        this.#onError(error)
      }
    }
    if (waits.length > 0) await Promise.all(waits)
  }
}
