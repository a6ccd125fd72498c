import type { LogEvent } from '../event.ts'
import type { EventLogSubscriber } from './subscribers.ts'

type StatusEvent = Extract<LogEvent, { type: 'node-status' }>

/** The latest status of the own node in the event log. */
export class LatestOwnStatus {
  readonly #bridgeId: string
  #event: StatusEvent | undefined

  constructor({ bridgeId }: { bridgeId: string }) {
    this.#bridgeId = bridgeId
  }

  current(): StatusEvent | undefined {
    return this.#event
  }

  /** Follows the event log from now on; returns the undo. */
  follow(eventLog: { subscribe(subscriber: EventLogSubscriber): () => void }): () => void {
    return eventLog.subscribe({
      onEntries: ({ entries }) => {
        for (const { event } of entries)
          if (event.type === 'node-status' && event.origin === 'own' && event.bridgeId === this.#bridgeId) this.#event = event
      },
    })
  }
}
