import type { KnownPeer, PeerRegistry, RegistryEntry } from './ports.ts'
import { ELIGIBLE, healthFault, isMalicious, NO_REPUTATION, type Reputation, reputationScore } from './reputation.ts'

export interface PeerRegistryDeps {
  /** What peers said of themselves. */
  readonly announced: { get(peerId: string): KnownPeer | undefined; all(): ReadonlyMap<string, KnownPeer> }
  readonly reputations: { get(peerId: string): Reputation | undefined; all(): ReadonlyMap<string, Reputation> }
  /** The connected peers, each with the time of its connection in milliseconds since the epoch. */
  readonly connected: () => readonly { readonly peerId: string; readonly connectedAt: number }[]
  readonly isBanned: (peerId: string) => boolean
  readonly clock: { wall(): number }
}

/** Peers that are offered for catch-up: more than any node tries. */
const MOST_FOR_CATCHUP = 200
const STORAGE: readonly string[] = ['full', 'pruned']
const UNKNOWN: KnownPeer = { height: 0, hash: '', dataHubUrl: '', clientName: '', storage: '', lastBlockAt: 0, lastMessageAt: 0 }

/** Everything that is known of peers, put together: what they announced, what the node reported, connections and bans. */
export function createPeerRegistry({ announced, reputations, connected, isBanned, clock }: PeerRegistryDeps): PeerRegistry {
  const entry = (peerId: string, connectedAt: number | undefined): RegistryEntry => {
    const peer = announced.get(peerId) ?? UNKNOWN
    const reputation = reputations.get(peerId) ?? NO_REPUTATION
    const { validatedHeight, validatedHash } = reputation
    const tip = validatedHeight > peer.height ? { height: validatedHeight, hash: validatedHash } : { height: peer.height, hash: peer.hash }
    const score = reputationScore(reputation, clock.wall())
    return { peerId, ...peer, ...tip, reputation, score, isBanned: isBanned(peerId), connectedAt: connectedAt ?? null }
  }
  const connections = () => new Map(connected().map(({ peerId, connectedAt }) => [peerId, connectedAt]))
  const all = () => {
    const open = connections()
    const ids = new Set([...announced.all().keys(), ...reputations.all().keys(), ...open.keys()])
    return [...ids].map((peerId) => entry(peerId, open.get(peerId)))
  }
  const isKnown = (peerId: string, open: ReadonlyMap<string, number>) =>
    announced.get(peerId) !== undefined || reputations.get(peerId) !== undefined || open.has(peerId)
  return {
    all,
    unknownScore: reputationScore(NO_REPUTATION, 0),
    find(peerId) {
      const open = connections()
      return isKnown(peerId, open) ? entry(peerId, open.get(peerId)) : undefined
    },
    forCatchup: () =>
      all()
        .filter((peer) => peer.height > 0 && peer.dataHubUrl !== '' && !peer.isBanned && peer.score >= ELIGIBLE)
        .sort(byUse)
        .slice(0, MOST_FOR_CATCHUP),
    maliceOf(peerId) {
      if (isBanned(peerId)) return 'the peer is banned'
      return isMalicious(reputations.get(peerId) ?? NO_REPUTATION, clock.wall()) ? 'the node reported it as malicious' : undefined
    },
    healthFaultOf: (peerId) => healthFault(reputations.get(peerId) ?? NO_REPUTATION, clock.wall()),
  }
}

/** Nodes that keep all blocks come first, as in Teranode; then the better reputation, then the higher chain. */
function byUse(one: RegistryEntry, other: RegistryEntry): number {
  return storageRank(one) - storageRank(other) || other.score - one.score || other.height - one.height
}

function storageRank({ storage }: RegistryEntry): number {
  const rank = STORAGE.indexOf(storage)
  return rank < 0 ? STORAGE.length : rank
}
