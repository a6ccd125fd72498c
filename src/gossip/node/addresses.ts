import { isIP, isIPv4 } from 'node:net'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { parseHostPort } from '../../addresses/host-port.ts'
import { networkText, parseIpAddress, unmapped } from '../../addresses/ip-address.ts'
import { GossipSettingsError } from '../errors.ts'

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
 * The addresses to announce, from `p2p_advertise_addresses`: a multiaddress, or `host` or `host:port`, where host is an IPv4 address, an
 * IPv6 address (in brackets when a port follows) or a DNS name. Without a port, `p2p_port` is announced.
 */
export function announceMultiaddrs(addresses: readonly string[], defaultPort: number): string[] {
  return addresses.map((address) => {
    const text = address.trim()
    if (text.startsWith('/')) return ownMultiaddr(text)
    const parsed = parseHostPort(text)
    if (!parsed) throw new GossipSettingsError(`p2p_advertise_addresses: ${address} is not host or host:port with a port from 1 to 65535`)
    return tcpMultiaddr(parsed.host, parsed.port ?? defaultPort)
  })
}

/** libp2p adds our peer id itself. */
function ownMultiaddr(text: string): string {
  try {
    return multiaddr(text)
      .toString()
      .replace(/\/p2p\/[^/]+$/, '')
  } catch (cause) {
    throw new GossipSettingsError(`p2p_advertise_addresses: ${text} is not a multiaddress such as /ip4/203.0.113.7/tcp/9905`, { cause })
  }
}

/** The IP address inside a multiaddress, or null if it has none (a DNS name, a relay). */
export function ipOf(address: Multiaddr): string | null {
  return address.getComponents().find((part) => part.name === 'ip4' || part.name === 'ip6')?.value ?? null
}

/** The unit in which places are counted: the IPv4 address or the IPv6 /64. Null without an IP address. */
export function networkOf(address: Multiaddr): string | null {
  const ip = ipOf(address)
  return ip === null ? null : networkOfIp(ip)
}

/** The same for the text of an IP address. */
export function networkOfIp(ip: string): string {
  const parsed = parseIpAddress(ip)
  return parsed === undefined ? ip : networkText(unmapped(parsed))
}

function tcpMultiaddr(host: string, port: number): string {
  if (isIP(host) === 0) return `/dns/${host}/tcp/${port}`
  return isIPv4(host) ? `/ip4/${host}/tcp/${port}` : `/ip6/${host}/tcp/${port}`
}
