import type { Clock } from '../lifecycle/clock.ts'
import { Listeners } from '../lifecycle/listeners.ts'
import { createAddressLists } from './address-lists.ts'
import { createAddressRules } from './address-rules.ts'
import { createAuthors } from './authors.ts'
import { createDialPlan } from './dial-plan.ts'
import { createKnownPeers } from './known-peers.ts'
import { reachablePeers } from './peer-address.ts'
import type { PeerPolicy, ReachablePeer } from './ports.ts'

export interface PeerPolicyOptions {
  readonly ownPeerId: string
  /** `p2p_static_peers`. */
  readonly staticPeers?: readonly string[]
  /** `p2p_bootstrapAddresses`. */
  readonly bootstrapPeers?: readonly string[]
  /** `p2p_dht_bootstrap_peers`: only entries into the public DHT. */
  readonly dhtPeers?: readonly string[]
  /** True without a shared key: anybody may take part. */
  readonly isPublic: boolean
  readonly sharePrivateAddresses?: boolean
  /** False for a node that nobody shall find. */
  readonly announcesAddresses?: boolean
  readonly optimiseRetries?: boolean
  readonly maxConnections?: number
  /** The first pause after a failed dial, for tests. */
  readonly firstRetryMs?: number
}

export interface PeerPolicyDeps {
  readonly isBanned: (subject: { peerId?: string; address?: string }) => boolean
  readonly clock: Pick<Clock, 'steady'>
  readonly random?: () => number
}

/** The share of all connections that found peers may take. */
const SHARE_FOR_FOUND = 0.75

/** All decisions about peers, from the settings. */
export function createPeerPolicy(options: PeerPolicyOptions, deps: PeerPolicyDeps): PeerPolicy {
  const { isBanned, clock, random = Math.random } = deps
  const { ownPeerId, bootstrapPeers = [], dhtPeers = [], isPublic } = options
  const { sharePrivateAddresses = false, announcesAddresses = true, optimiseRetries = false, maxConnections = 300, firstRetryMs } = options
  const peers = { bootstrap: reachablePeers(bootstrapPeers), dht: reachablePeers(dhtPeers) }
  const known = createKnownPeers()
  let statics: ReadonlySet<string> = new Set()
  const dials = createDialPlan(
    {
      ownPeerId,
      peers,
      isPublic,
      optimiseRetries,
      maxConnectionsForFound: Math.ceil(maxConnections * SHARE_FOR_FOUND),
      ...(firstRetryMs !== undefined && { firstRetryMs }),
    },
    { isBanned, clock, random },
  )
  const addresses = createAddressRules({ isPublic, sharePrivateAddresses, announcesAddresses })
  const lists = createAddressLists(
    { bootstrap: bootstrapPeers },
    {
      rules: addresses,
      onListed(named, source) {
        const others = named.filter(isOther)
        if (source === 'static') statics = new Set([...statics, ...idsOf(named)])
        for (const { peerId } of others) known.list(peerId)
        return others.filter((peer) => dials.listed(peer, source)).length > 0
      },
    },
  )
  const isOther = ({ peerId }: ReachablePeer) => peerId !== ownPeerId
  const changes = new Listeners()

  function setStatic(named: readonly string[]): void {
    addresses.setOwnChoice([...named, ...bootstrapPeers, ...dhtPeers])
    lists.setStatic(named)
    const [own, listed] = [reachablePeers(named), lists.named('static')]
    statics = new Set(idsOf([...own, ...listed]))
    known.relist(idsOf([...own, ...listed, ...peers.bootstrap, ...lists.named('bootstrap')].filter(isOther)))
    dials.setStatic(own, listed)
    for (const peer of lists.named('bootstrap')) dials.listed(peer, 'bootstrap')
    changes.emit()
  }
  setStatic(options.staticPeers ?? [])

  return {
    isStatic: (peerId) => statics.has(peerId),
    known,
    authors: createAuthors({ clock }),
    dials,
    addresses,
    lists,
    setStatic,
    onChange: (listener) => changes.add(listener),
  }
}

function idsOf(peers: readonly ReachablePeer[]): string[] {
  return peers.map(({ peerId }) => peerId)
}
