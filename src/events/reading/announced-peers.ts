import { dropOldest } from '../../lifecycle/bounds/drop-oldest.ts'
import { contentOf, kindOf } from '../../messages/announcement.ts'
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

type Writable = { -readonly [Name in keyof AnnouncedPeer]: AnnouncedPeer[Name] }

const MAX_PEERS = 10_000
const NEW: AnnouncedPeer = { height: 0, hash: '', dataHubUrl: '', clientName: '', storage: '', lastBlockAt: 0, lastMessageAt: 0 }

/** The peers of other nodes in the event log: what each announced last. */
export class AnnouncedPeers {
  readonly #options: AnnouncedPeersOptions
  /** The one heard of last comes last. */
  readonly #peers = new Map<string, Writable>()

  constructor(options: AnnouncedPeersOptions) {
    this.#options = options
  }

  get(peerId: string): AnnouncedPeer | undefined {
    return this.#peers.get(peerId)
  }

  all(): ReadonlyMap<string, AnnouncedPeer> {
    return this.#peers
  }

  /** Null while the peer has named none. */
  heightOf(peerId: string): number | null {
    return this.#peers.get(peerId)?.height || null
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
      onGap: ({ reason }) => {
        if (reason === 'topic-made-anew') this.#peers.clear()
      },
    })
  }

  #heard(peerId: string, event: LogEvent): void {
    const peer = this.#peers.get(peerId) ?? { ...NEW }
    this.#peers.delete(peerId)
    this.#peers.set(peerId, peer)
    note(peer, event)
    dropOldest(this.#peers, this.#options.maxPeers ?? MAX_PEERS)
  }
}

/** Notes in place, because it is called for each event, what one says of its signer. One without a best block leaves the tip as it is. */
function note(peer: Writable, event: LogEvent): void {
  const { type } = event
  peer.lastMessageAt = event.receivedAt
  if (type === 'sync' || type === 'ban' || type === 'instance') return
  const kind = kindOf(type)
  const content = contentOf(event)
  const height = kind.height === null ? 0 : Number(content[kind.height])
  if (height > 0) {
    peer.height = height
    peer.hash = String(content[kind.hash])
  }
  const dataHubUrl = kind.url === null ? '' : String(content[kind.url])
  if (dataHubUrl !== '' || type === 'node-status') peer.dataHubUrl = dataHubUrl
  if (type === 'block') peer.lastBlockAt = event.receivedAt
  if (type !== 'node-status') return
  peer.clientName = event.nodeStatus.clientName
  peer.storage = event.nodeStatus.storage
}
