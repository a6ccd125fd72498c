import { resolveDnsaddr } from './dnsaddr.ts'
import { parsePeerAddress, reachablePeers } from './peer-address.ts'
import type { AddressLists, AddressRules, PeerSource, ReachablePeer } from './ports.ts'

export interface AddressListsOptions {
  /** `p2p_bootstrapAddresses`. Those that are no list are left out. */
  readonly bootstrap: readonly string[]
}

export interface AddressListsDeps {
  readonly rules: Pick<AddressRules, 'resolved'>
  /** A list names these peers. True if one of them was not known. */
  readonly onListed: (peers: readonly ReachablePeer[], source: PeerSource) => boolean
}

export interface ChangingLists extends AddressLists {
  /** `p2p_static_peers`, as the settings name them from now on. */
  setStatic(addresses: readonly string[]): void
  /** The peers that lists of this kind have named. */
  named(source: PeerSource): readonly ReachablePeer[]
}

/** The lists of peers that the settings name: `/dnsaddr/<host>` without a peer id. */
export function createAddressLists({ bootstrap }: AddressListsOptions, { rules, onListed }: AddressListsDeps): ChangingLists {
  let sources = sourcesOf([], bootstrap)
  const named = new Map<string, Map<string, ReachablePeer>>()
  return {
    get addresses() {
      return [...sources.keys()]
    },
    resolve: resolveDnsaddr,
    resolved(address, results) {
      const source = sources.get(address)
      if (source === undefined) return { peers: 0, isNew: false } // taken out of the settings meanwhile
      rules.resolved(address, results)
      const found = reachablePeers(results)
      named.set(address, new Map([...(named.get(address) ?? []), ...found.map((peer) => [peer.peerId, peer] as const)]))
      return { peers: found.length, isNew: onListed(found, source) }
    },
    setStatic(addresses) {
      sources = sourcesOf(addresses, bootstrap)
      for (const address of named.keys()) if (!sources.has(address)) named.delete(address)
    },
    named: (source) => [...named].flatMap(([address, found]) => (sources.get(address) === source ? [...found.values()] : [])),
  }
}

/** A list that is named twice is what the first setting makes of it. */
function sourcesOf(statics: readonly string[], bootstrap: readonly string[]): ReadonlyMap<string, PeerSource> {
  const ofSource = (addresses: readonly string[], source: PeerSource) => addresses.filter(isList).map((list) => [list, source] as const)
  return new Map([...ofSource(bootstrap, 'bootstrap'), ...ofSource(statics, 'static')])
}

/** Whether an address stands for any number of peers. */
export function isList(address: string): boolean {
  const parsed = parsePeerAddress(address)
  return parsed?.kind === 'dnsaddr' && parsed.peerId === null
}
