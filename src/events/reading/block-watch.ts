import type { EventLogSubscriber } from './subscribers.ts'

export interface BlockWatchOptions {
  readonly bridgeId: string
  readonly network: string
}

export interface BlockWatchDeps {
  /** Called for each block: `out` for a block of the own node, `in` for one of the network. */
  readonly onBlock: (direction: 'in' | 'out', receivedAt: number) => void
}

/** The blocks of the event log: the height of the own node, and when the last block was read. Events of other bridges are ignored. */
export class BlockWatch {
  readonly #options: BlockWatchOptions
  readonly #onBlock: BlockWatchDeps['onBlock']
  #ownHeight: number | undefined

  constructor(options: BlockWatchOptions, { onBlock }: BlockWatchDeps) {
    this.#options = options
    this.#onBlock = onBlock
  }

  /** Follows the event log from now on; returns the undo. */
  follow(eventLog: { subscribe(subscriber: EventLogSubscriber): () => void }): () => void {
    const { bridgeId, network } = this.#options
    return eventLog.subscribe({
      onEntries: ({ entries }) => {
        for (const { event } of entries) {
          if (event.type !== 'block' || event.bridgeId !== bridgeId || event.network !== network) continue
          this.#onBlock(event.origin === 'own' ? 'out' : 'in', event.receivedAt)
          if (event.origin === 'own') this.#ownHeight = Math.max(this.#ownHeight ?? 0, event.block.height)
        }
      },
    })
  }

  /** The greatest height of an own block in the event log, since the read-back began. */
  ownHeight(): number | undefined {
    return this.#ownHeight
  }
}
