import type { LogEvent } from '../event.ts'
import type { EventLogSubscriber } from './subscribers.ts'

export interface AnnouncedPeersOptions {
  readonly bridgeId: string
  readonly network: string
  /** Upper bound on the peers. Those not heard of for longest are forgotten. */
  readonly maxPeers?: number
}

/** What a peer of another node said of itself, by the verified signer. Texts are empty, and numbers zero, where it said nothing. */
export interface AnnouncedPeer {
  /** Of its latest block or status, as far as we believe it. */
  readonly height: number
  readonly hash: string
  readonly dataHubUrl: string
  readonly clientName: string
  readonly storage: string
  /** Milliseconds since the epoch. */
  readonly lastBlockAt: number
  readonly lastMessageAt: number
}

const MAX_PEERS = 10_000
const NEW: AnnouncedPeer = { height: 0, hash: '', dataHubUrl: '', clientName: '', storage: '', lastBlockAt: 0, lastMessageAt: 0 }

/** The peers of other nodes in the event log: what each announced last. */
export class AnnouncedPeers {
  readonly #options: AnnouncedPeersOptions
  /** The one heard of last comes last. */
  readonly #peers = new Map<string, AnnouncedPeer>()

  constructor(options: AnnouncedPeersOptions) {
    this.#options = options
  }

  get(peerId: string): AnnouncedPeer | undefined {
    return this.#peers.get(peerId)
  }

  all(): ReadonlyMap<string, AnnouncedPeer> {
    return this.#peers
  }

  /** Follows the event log from now on; returns the undo. */
  follow(eventLog: { subscribe(subscriber: EventLogSubscriber): () => void }): () => void {
    const { bridgeId, network } = this.#options
    return eventLog.subscribe({
      onEntries: ({ entries }) => {
        for (const { event } of entries)
          if (event.peerId !== null && event.origin === 'network' && event.bridgeId === bridgeId && event.network === network)
            this.#heard(event.peerId, event)
      },
    })
  }

  #heard(peerId: string, event: LogEvent): void {
    const peer = { ...(this.#peers.get(peerId) ?? NEW), ...changesOf(event), lastMessageAt: event.receivedAt }
    this.#peers.delete(peerId)
    this.#peers.set(peerId, peer)
    const [oldest] = this.#peers.keys()
    if (this.#peers.size > (this.#options.maxPeers ?? MAX_PEERS) && oldest !== undefined) this.#peers.delete(oldest)
  }
}

function changesOf(event: LogEvent): Partial<AnnouncedPeer> {
  if (event.type === 'block') {
    const { height, hash, dataHubUrl } = event.block
    return { height, hash, lastBlockAt: event.receivedAt, ...(dataHubUrl !== '' && { dataHubUrl }) }
  }
  if (event.type === 'node-status') {
    const { bestHeight, bestBlockHash, dataHubUrl, clientName, storage } = event.nodeStatus
    return { ...(bestHeight > 0 && { height: bestHeight, hash: bestBlockHash }), dataHubUrl, clientName, storage }
  }
  if (event.type === 'subtree') return event.subtree.dataHubUrl === '' ? {} : { dataHubUrl: event.subtree.dataHubUrl }
  return {}
}
