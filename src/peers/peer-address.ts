import { multiaddr } from '@multiformats/multiaddr'
import { isPeerId } from '../identity/peer-id.ts'
import { isPublicIp } from '../messages/rules/public-address.ts'
import type { ReachablePeer } from './ports.ts'

/** A multiaddress that this host can dial: TCP, without any other transport on it. */
export interface PeerAddress {
  /** `dnsaddr`: the name stands for a list of multiaddresses. */
  readonly kind: 'ip' | 'name' | 'dnsaddr'
  readonly host: string
  /** Null for `dnsaddr`. */
  readonly port: number | null
  readonly peerId: string | null
}

const KINDS: Readonly<Record<string, PeerAddress['kind']>> = { ip4: 'ip', ip6: 'ip', dns: 'name', dns4: 'name', dns6: 'name' }

/**
 * Undefined for text that is no multiaddress, and for an address that we have no transport for: QUIC, WebSocket, WebRTC, a relay
 * (p2p-circuit).
 */
export function parsePeerAddress(text: string): PeerAddress | undefined {
  const parts = componentsOf(text)
  const peerId = parts.at(-1)?.name === 'p2p' ? (parts.at(-1)?.value ?? null) : null
  if (peerId !== null && !isPeerId(peerId)) return undefined
  const [host, port, ...rest] = peerId === null ? parts : parts.slice(0, -1)
  if (host?.value === undefined || rest.length > 0) return undefined
  if (host.name === 'dnsaddr') return port === undefined ? { kind: 'dnsaddr', host: host.value, port: null, peerId } : undefined
  const kind = KINDS[host.name]
  const portNumber = port?.name === 'tcp' ? Number(port.value) : 0
  return kind !== undefined && portNumber > 0 ? { kind, host: host.value, port: portNumber, peerId } : undefined
}

/** False for an IP address of a loopback, private, link-local or otherwise special network. True for names, which are resolved later. */
export function isPublicPlace({ kind, host }: PeerAddress): boolean {
  return kind === 'ip' ? isPublicIp(host) : true
}

/** Collects the addresses of each peer. Addresses that cannot be dialled are left out: `config check` refuses them. */
export function reachablePeers(addresses: readonly string[]): ReachablePeer[] {
  const byPeer = new Map<string, string[]>()
  for (const text of addresses) {
    const peerId = parsePeerAddress(text)?.peerId
    if (peerId) byPeer.set(peerId, [...(byPeer.get(peerId) ?? []), text])
  }
  return [...byPeer].map(([peerId, list]) => ({ peerId, addresses: list }))
}

function componentsOf(text: string): { name: string; value?: string }[] {
  try {
    return multiaddr(text).getComponents()
  } catch {
    return [] // no multiaddress, so there is no part that could be used
  }
}
