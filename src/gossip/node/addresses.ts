import { isIP, isIPv4 } from 'node:net'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { parseHostPort } from '../../addresses/host-port.ts'
import { GossipSettingsError } from '../errors.ts'

/** A configured peer, with all its addresses. */
export interface KnownPeer {
  readonly peerId: string
  readonly addresses: readonly Multiaddr[]
}

/** The addresses to listen on, from `p2p_listen_addresses` and `p2p_port`. */
export function listenMultiaddrs(addresses: readonly string[], port: number): string[] {
  return addresses.map((address) => {
    const parsed = parseHostPort(address.trim())
    if (!parsed || parsed.port !== null || isIP(parsed.host) === 0) {
      throw new GossipSettingsError(`p2p_listen_addresses: ${address} is not an IPv4 or IPv6 address`)
    }
    return tcpMultiaddr(parsed.host, port)
  })
}

/**
 * The addresses to announce, from `p2p_advertise_addresses`: `host` or `host:port`, where host is an IPv4 address, an IPv6
 * address (in brackets when a port follows) or a DNS name. Without a port, `p2p_port` is announced.
 */
export function announceMultiaddrs(addresses: readonly string[], defaultPort: number): string[] {
  return addresses.map((address) => {
    const parsed = parseHostPort(address.trim())
    if (!parsed) throw new GossipSettingsError(`p2p_advertise_addresses: ${address} is not host or host:port with a port from 1 to 65535`)
    return tcpMultiaddr(parsed.host, parsed.port ?? defaultPort)
  })
}

/** Parses multiaddresses that end in `/p2p/<peer id>`; several addresses of one peer become one entry. `setting` is the name for errors. */
export function knownPeers(setting: string, addresses: readonly string[]): KnownPeer[] {
  const byPeer = new Map<string, Multiaddr[]>()
  for (const address of addresses) {
    const { peerId, parsed } = parsePeerAddress(setting, address.trim())
    byPeer.set(peerId, [...(byPeer.get(peerId) ?? []), parsed])
  }
  return [...byPeer].map(([peerId, list]) => ({ peerId, addresses: list }))
}

/** The IP address inside a multiaddress, or null if it has none (a DNS name, a relay). */
export function ipOf(address: Multiaddr): string | null {
  return address.getComponents().find((part) => part.name === 'ip4' || part.name === 'ip6')?.value ?? null
}

function parsePeerAddress(setting: string, text: string): { peerId: string; parsed: Multiaddr } {
  try {
    const parsed = multiaddr(text)
    const last = parsed.getComponents().at(-1)
    if (last?.name === 'p2p' && last.value !== undefined) return { peerId: peerIdFromString(last.value).toString(), parsed }
  } catch (cause) {
    throw new GossipSettingsError(`${setting}: ${text} is not a multiaddress like /ip4/192.0.2.1/tcp/9905/p2p/12D3KooW...`, { cause })
  }
  throw new GossipSettingsError(`${setting}: ${text} does not end in /p2p/<peer id>, without which another peer could answer`)
}

function tcpMultiaddr(host: string, port: number): string {
  if (isIP(host) === 0) return `/dns/${host}/tcp/${port}`
  return isIPv4(host) ? `/ip4/${host}/tcp/${port}` : `/ip6/${host}/tcp/${port}`
}
