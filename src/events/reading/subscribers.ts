import type { EventLogGap } from '../ports.ts'
import type { EventEntry } from './read-events.ts'

/** What came by in the own tail with one answer. */
export interface EntryBatch {
  /** First occurrences, in the order of the event log. */
  readonly entries: readonly EventEntry[]
  /** The offset behind the answer. */
  readonly next: bigint
  /** True for entries that stood in the event log when this instance started. */
  readonly isReadBack: boolean
}

/** Who listens to the event log. The tail reads on when the returned promises have resolved. */
export interface EventLogSubscriber {
  onEntries?(batch: EntryBatch): void | Promise<void>
  /** The position moved, and there was no entry on the way: only copies, unreadable records, or offsets without a record. */
  onPosition?(next: bigint): void | Promise<void>
  onGap?(gap: EventLogGap): void | Promise<void>
}

/** The subscribers of the event log. One that fails is logged and keeps none of the others from hearing. */
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

  async entries(batch: EntryBatch): Promise<void> {
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
