import { contentOf, kindOf } from '../../messages/announcement.ts'
import type { LogEvent } from '../event.ts'
import type { EventLogSubscriber } from './subscribers.ts'

/** Signers that are remembered; the one that was silent longest is forgotten first. */
const MOST_SIGNERS = 10_000

/** The height that each signer's announcements named last, for display: nobody has checked it. */
export class PeerHeights {
  readonly #heights = new Map<string, number>()

  /** Follows the event log from now on; returns the undo. */
  follow(eventLog: { subscribe(subscriber: EventLogSubscriber): () => void }): () => void {
    return eventLog.subscribe({
      onEntries: ({ entries }) => {
        for (const { event } of entries) this.#take(event)
      },
      onGap: ({ reason }) => {
        if (reason === 'topic-made-anew') this.#heights.clear()
      },
    })
  }

  /** Null while the signer has named none. */
  of(peerId: string): number | null {
    return this.#heights.get(peerId) ?? null
  }

  #take(event: LogEvent): void {
    const { type, peerId } = event
    if (peerId === null || type === 'sync' || type === 'ban' || type === 'instance') return
    const property = kindOf(type).height
    if (property === null) return
    this.#heights.delete(peerId)
    this.#heights.set(peerId, Number(contentOf(event)[property]))
    const [oldest] = this.#heights.keys()
    if (this.#heights.size > MOST_SIGNERS && oldest !== undefined) this.#heights.delete(oldest)
  }
}
