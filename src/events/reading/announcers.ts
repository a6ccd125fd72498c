import { dropOldest } from '../../lifecycle/bounds/drop-oldest.ts'
import type { EventLogSubscriber } from './subscribers.ts'

export interface AnnouncersOptions {
  readonly bridgeId: string
  readonly network: string
  /** Upper bound on the hashes that are kept. The oldest are forgotten. */
  readonly maxHashes?: number
}

/** Who announced a hash, by the verified signer of the message, and from which base URL its data can be fetched. */
export interface Announcer {
  readonly peerId: string
  readonly dataHubUrl: string
}

type AnnouncedKind = 'block' | 'subtree'

const MAX_HASHES = 20_000
/** Of one hash. A flood of announcers must not push out other hashes. */
const MAX_ANNOUNCERS = 50

/**
 * The signers of the latest blocks and subtrees of the event log, by hash, so that a verdict of the validation services finds who
 * announced what they judge. Of what stood in the event log when this instance started, blocks of the last window are known, and subtrees
 * among the latest records of it: decoding all would delay the start.
 */
export class Announcers {
  readonly #options: AnnouncersOptions
  readonly #byHash = new Map<string, Announcer[]>()

  constructor(options: AnnouncersOptions) {
    this.#options = options
  }

  /** Follows the event log from now on; returns the undo. */
  follow(eventLog: { subscribe(subscriber: EventLogSubscriber): () => void }): () => void {
    const { bridgeId, network } = this.#options
    return eventLog.subscribe({
      onEntries: ({ entries }) => {
        for (const { event } of entries) {
          if (event.peerId === null || event.bridgeId !== bridgeId || event.network !== network) continue
          if (event.type === 'block') this.#add('block', event.block, event.peerId)
          else if (event.type === 'subtree') this.#add('subtree', event.subtree, event.peerId)
        }
      },
    })
  }

  /** The signers that announced a hash, the first one first. */
  of(kind: AnnouncedKind, hash: string): readonly Announcer[] {
    return this.#byHash.get(`${kind}:${hash}`) ?? []
  }

  #add(kind: AnnouncedKind, { hash, dataHubUrl }: { hash: string; dataHubUrl: string }, peerId: string): void {
    const key = `${kind}:${hash}`
    const announcers = this.#byHash.get(key)
    if (!announcers) {
      this.#byHash.set(key, [{ peerId, dataHubUrl }])
      dropOldest(this.#byHash, this.#options.maxHashes ?? MAX_HASHES)
    } else if (announcers.length < MAX_ANNOUNCERS && !announcers.some((known) => known.peerId === peerId)) {
      announcers.push({ peerId, dataHubUrl })
    }
  }
}
