import { resolveDnsaddr } from './dnsaddr.ts'
import { parsePeerAddress, reachablePeers } from './peer-address.ts'
import type { AddressLists, AddressRules, PeerSource, ReachablePeer } from './ports.ts'

export interface AddressListsOptions {
  /** The addresses of the settings, by what they make of a peer. Those that are no list are left out. */
  readonly peers: Readonly<Partial<Record<PeerSource, readonly string[]>>>
}

export interface AddressListsDeps {
  readonly rules: Pick<AddressRules, 'resolved'>
  /** A list names these peers. True if one of them was not known. */
  readonly onListed: (peers: readonly ReachablePeer[], source: PeerSource) => boolean
}

/** The lists of peers that the settings name: `/dnsaddr/<host>` without a peer id. */
export function createAddressLists({ peers }: AddressListsOptions, { rules, onListed }: AddressListsDeps): AddressLists {
  const sources = new Map<string, PeerSource>()
  for (const source of ['static', 'bootstrap'] as const) {
    for (const address of peers[source] ?? []) if (isList(address) && !sources.has(address)) sources.set(address, source)
  }
  return {
    addresses: [...sources.keys()],
    resolve: resolveDnsaddr,
    resolved(address, results) {
      rules.resolved(address, results)
      const named = reachablePeers(results)
      return { peers: named.length, isNew: onListed(named, sources.get(address) ?? 'bootstrap') }
    },
  }
}

/** Whether an address stands for any number of peers. */
export function isList(address: string): boolean {
  const parsed = parsePeerAddress(address)
  return parsed?.kind === 'dnsaddr' && parsed.peerId === null
}
