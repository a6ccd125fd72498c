import { isIP } from 'node:net'
import { parseCidr } from '../../addresses/cidr.ts'
import { bracketIpv6, formatHostPort, type HostPort, type ListenAddress, parseHostPort, parsePort } from '../../addresses/host-port.ts'
import { parseUrl } from '../../addresses/url.ts'
import { isPeerId } from '../../identity/peer-id.ts'
import { hostOfBaseUrl } from '../../messages/rules/url-rules.ts'
import { isList } from '../../peers/address-lists.ts'
import { parsePeerAddress } from '../../peers/peer-address.ts'
import { kind } from './kinds.ts'

/** An IP address of this machine, `0.0.0.0` or `::` for all. IPv6 may stand in brackets. libp2p cannot listen on one with a zone. */
export function ipAddress() {
  return kind('an IP address without a zone, such as 0.0.0.0 or ::', (value) => {
    const bare = /^\[(.+)\]$/.exec(value)?.[1] ?? value
    return isIP(bare) && !hasZone(bare) && (bare === value || isIP(bare) === 6) ? bare : undefined
  })
}

/** Whether an address names an interface, as `fe80::1%eth0` does. The name means nothing on other hosts. */
function hasZone(address: string): boolean {
  return address.includes('%')
}

/** The host of a URL, or a host alone, in the form in which hosts are compared. */
export function baseUrlHost() {
  return kind('a URL or a host such as https://node.example.org/api/v1 or node.example.org', hostOfBaseUrl)
}

/** A TCP port. */
export function port() {
  return kind('a port from 1 to 65535', parsePort)
}

/** `:9908` for every interface, `127.0.0.1:9908`, `[::1]:9908` or a name with a port. */
export function listenAddress() {
  return kind('an address to listen on such as :9908, 127.0.0.1:9908 or [::1]:9908, with a port from 1 to 65535', parseListenAddress)
}

/** The same, or empty for not set. */
export function optionalListenAddress() {
  return kind(
    'an address to listen on such as 127.0.0.1:9910 or [::1]:9910, with a port from 1 to 65535, or empty',
    (value): ListenAddress | null | undefined => (value === '' ? null : parseListenAddress(value)),
  )
}

function parseListenAddress(value: string): ListenAddress | undefined {
  const everywhere = /^:(\d+)$/.exec(value)
  const address = everywhere ? { host: null, port: parsePort(everywhere[1] ?? '') } : parseHostPort(value)
  return address?.port ? { host: address.host, port: address.port } : undefined
}

/** `host` or `host:port`, where the host is a DNS name or an IP address; an IPv6 address with a port is written in brackets. */
export function hostPort() {
  return kind('a host or host:port such as node.example.org, 203.0.113.7:9905 or [2001:db8::7]:9905', parseHostPort)
}

/** The address of a gRPC server as `host:port`, also behind `k8s:///` or `dns:///`, as Teranode writes it; the result is `host:port`. */
export function grpcAddress() {
  return kind('an address as host:port such as blockchain:8087', (value) => {
    const address = parseHostPort(value.replace(/^(k8s|dns):\/\/\//, ''))
    return address?.port ? formatHostPort({ host: address.host, port: address.port }) : undefined
  })
}

/** A Kafka broker as `host:port`; the default port is 9092. */
export function broker() {
  return kind('a broker as host:port such as kafka-1:9092', (value) => {
    const address = parseHostPort(value)
    if (!address) return undefined
    return formatHostPort({ host: address.host, port: address.port ?? 9092 })
  })
}

/** A libp2p multiaddress with a peer id at its end, over a transport that this host has. */
export function peerMultiaddress() {
  return kind(
    'a multiaddress over TCP that ends in /p2p/<peer id> such as /ip4/203.0.113.7/tcp/9905/p2p/12D3Koo... (no QUIC, WebSocket, WebRTC or relay)',
    (value) => (parsePeerAddress(value)?.peerId ? value : undefined),
  )
}

/** The same, or `/dnsaddr/<host>`, which stands for any number of peers. */
export function peersMultiaddress() {
  return kind(
    'a multiaddress over TCP that ends in /p2p/<peer id> such as /ip4/203.0.113.7/tcp/9905/p2p/12D3Koo... (no QUIC, WebSocket, WebRTC or relay), or a list such as /dnsaddr/bootstrap.example.org',
    (value) => (parsePeerAddress(value)?.peerId || isList(value) ? value : undefined),
  )
}

/** The same as `hostPort`, or a multiaddress over TCP. */
export function advertisedAddress() {
  return kind(
    'a host, host:port or multiaddress over TCP such as node.example.org, 203.0.113.7:9905, [2001:db8::7]:9905 or /dns4/node.example.org/tcp/9905',
    (value): string | HostPort | undefined => {
      if (!value.startsWith('/')) return hasZone(value) ? undefined : parseHostPort(value)
      const place = parsePeerAddress(value)?.kind
      return place === undefined || place === 'dnsaddr' ? undefined : value
    },
  )
}

/** An http or https URL, or empty for not set. */
export function httpUrl() {
  return kind('a URL that begins with http:// or https://', (value) => {
    if (value === '') return value
    const url = bracketIpv6(value)
    return /^https?:\/\//i.test(url) && parseUrl(url) ? url : undefined
  })
}

/** A web origin such as `https://explorer.example.org`, one with `*.` for the sub-domains of a host, or `*` for any. */
export function origin() {
  return kind('an origin such as https://explorer.example.org (no path) or https://*.example.org, or *', (value) => {
    const text = value.toLowerCase()
    if (text === '*') return text
    const [, scheme, host = ''] = /^(https?):\/\/(?:\*\.)?([^*]+)$/.exec(text) ?? []
    const plain = `${scheme}://${host}`
    const isOrigin = scheme !== undefined && parseUrl(plain)?.origin === plain
    // An address has no sub-domains.
    return isOrigin && !(text.includes('*') && /^[\d.]+(:\d+)?$|^\[/.test(host)) ? text : undefined
  })
}

/** A CIDR such as `10.0.0.0/8`, or one IP address. */
export function cidr() {
  return kind('an IP address or a CIDR such as 10.0.0.0/8 or fd00::/8', parseCidr)
}

/** What a ban can name: a peer id, an IP address or a CIDR. */
export function banTarget() {
  return kind('a peer id, an IP address or a CIDR such as 10.0.0.0/8', (value) => (isPeerId(value) || isCidr(value) ? value : undefined))
}

function isCidr(value: string): boolean {
  const [, address = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(value) ?? []
  const family = isIP(address)
  return family !== 0 && !hasZone(address) && (length === undefined || Number(length) <= (family === 4 ? 32 : 128))
}
