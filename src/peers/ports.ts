import type { Announcement } from '../messages/announcement.ts'

/**
 * Why we dial a peer. `static` and `bootstrap`: the settings name it. `dht`: an entry of the DHT. `found`: another peer told us its
 * address, which may be a lie.
 */
export type PeerSource = 'static' | 'bootstrap' | 'dht' | 'found'

/** A peer with the addresses at which it may be reached, as text of multiaddresses. */
export interface ReachablePeer {
  readonly peerId: string
  readonly addresses: readonly string[]
}

/** A dial that is due. */
export interface Dial extends ReachablePeer {
  readonly source: PeerSource
}

/** A dial was due and could not be tried: the peer or all its addresses are banned, or none of its addresses can be dialled. */
export interface SkippedDial extends Dial {
  readonly reason: 'banned' | 'no-address'
}

/**
 * Why a dial failed. `wrong-peer`: another peer answered. `other-network`: no handshake came about, as with another shared key.
 * `no-address`: no address could be dialled. `banned`: the peer or its address is. `unreachable`: all else, such as a refused
 * connection or no answer in time.
 */
export type DialFailure = 'wrong-peer' | 'other-network' | 'no-address' | 'banned' | 'unreachable'

/** What became of a found peer. They are metric labels. */
export type FoundOutcome = 'new' | 'known' | 'self' | 'banned' | 'private-address' | 'no-address' | 'too-many'

/** The connected peers. */
export interface Connections {
  has(peerId: string): boolean
  readonly size: number
}

/** Decides whom to dial, and when again. It keeps no timers and dials nothing: src/gossip carries it out. */
export interface DialPlan {
  /** The dials that are due now, each to be reported by `connected` or `failed`, those that cannot be tried, and the time until the next look. */
  due(connections: Connections): { readonly dials: readonly Dial[]; readonly skipped: readonly SkippedDial[]; readonly nextInMs: number }
  connected(dial: Dial): void
  failed(dial: Dial, failure: DialFailure): void
  /** The last connection to a peer was closed. */
  lost(peerId: string): void
  /** A peer that somebody else told us of. It is dialled under the rules for found peers. */
  found(peer: ReachablePeer): FoundOutcome
  /** A list of the settings names a peer. True if that is news. */
  listed(peer: ReachablePeer, source: PeerSource): boolean
  /**
   * Call it once before all else, and when the settings have been read again: these are the static peers, and those that lists name. Others are
   * not dialled any more.
   */
  setStatic(peers: readonly ReachablePeer[], listed: readonly ReachablePeer[]): void
  /** A connected peer brings nothing. False for one of the settings, which is kept. A found one is not dialled again for an hour. */
  unwanted(peerId: string): boolean
  /** The addresses of a static or bootstrap peer; empty for all others. */
  addressesOf(peerId: string): readonly string[]
}

/** The peers that are worth a place: those of the settings, and those that announced a block with proof of work. */
export interface KnownPeers {
  has(peerId: string): boolean
  all(): readonly string[]
  /** A peer signed an announcement, and it was accepted. A header in it has been checked. */
  announced(announcement: Announcement, peerId: string): void
  /** Calls the listener with each peer that becomes known. Returns the unsubscribe function. */
  onNew(listener: (peerId: string) => void): () => void
  /**
   * Calls the listener with each peer that the settings no longer name, which its announcements may keep known, and with each whose
   * announcements are forgotten. Returns the unsubscribe function.
   */
  onUnlisted(listener: (peerId: string) => void): () => void
}

/** Decides which addresses may be dialled or told to others. */
export interface AddressRules {
  /**
   * False for an address of a loopback, private or otherwise local network, unless the network is private or the settings name the
   * address. `address` is a multiaddress without DNS names.
   */
  mayDial(address: string): boolean
  /** Tells what a DNS name of an address stands for. If the settings name the address, the results may be dialled. */
  resolved(address: string, results: readonly string[]): void
  /** The settings have been read again and name these addresses. */
  setOwnChoice(addresses: readonly string[]): void
  /** Whether peers may be told an address at which we listen. */
  mayAnnounce(address: string): boolean
}

/** Whose announcements reach us by way of others. */
export interface Authors {
  heard(peerId: string): void
  /** Authors without a connection, about whom nobody was asked for ten minutes: a few per call. */
  toAskAbout(connections: Pick<Connections, 'has'>): readonly string[]
}

/** The texts of a name's TXT records. Rejects if the name does not exist or nobody answers in time. */
export type LookUpTexts = (name: string, signal: AbortSignal) => Promise<readonly string[]>

/** Lists of peers in the DNS: addresses of the form `/dnsaddr/<host>`. */
export interface AddressLists {
  /** Those of the settings that name no peer, so that each may stand for several. A reload may change them. */
  readonly addresses: readonly string[]
  /** The addresses for which a `/dnsaddr/` address stands, bounded in number and depth; `onCut` is called when there is more. */
  resolve(address: string, lookUp: LookUpTexts, signal: AbortSignal, onCut?: () => void): Promise<readonly string[]>
  /** A list of the settings stands for these addresses: its peers are dialled as if the settings named them. */
  resolved(address: string, results: readonly string[]): { readonly peers: number; readonly isNew: boolean }
}

/** All decisions about peers that the gossip host carries out. */
export interface PeerPolicy {
  /** Whether `p2p_static_peers` names the peer, by itself or in a list that was resolved. */
  readonly isStatic: (peerId: string) => boolean
  readonly dials: DialPlan
  readonly addresses: AddressRules
  readonly known: KnownPeers
  readonly authors: Authors
  readonly lists: AddressLists
  /** `p2p_static_peers` has been read again: added ones are dialled, removed ones are peers as any other. Their connections stay. */
  setStatic(addresses: readonly string[]): void
  /** Calls the listener after each `setStatic`. Returns the unsubscribe function. */
  onChange(listener: () => void): () => void
}
