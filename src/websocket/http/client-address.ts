import { type Cidr, cidrContains } from '../../addresses/cidr.ts'
import { type IpAddress, ipAddressOfBytes, ipAddressText, networkText, parseIpAddress, unmapped } from '../../addresses/ip-address.ts'

export interface RemoteAddress {
  /** The usual notation, for the logger. */
  readonly text: string
  /** The unit of counting. */
  readonly network: string
}

export interface ForwardingHeaders {
  /** Values of all `X-Forwarded-For` lines, in order, joined by commas; empty when there are none. */
  readonly xForwardedFor: string
  /** The same of `Forwarded` (RFC 7239). Read only without `X-Forwarded-For`. */
  readonly forwarded: string
}

/** A proxy adds one entry; the entries before the last ones may be anything that a client wrote. */
const MAX_HOPS = 16

/** `100::`, of the prefix for what is discarded (RFC 6666). `::` would share the limits of its /64 with `::1`. */
const NOBODY: IpAddress = { family: 'ipv6', words: [0x0100_0000, 0, 0, 0] }

/**
 * Reads the 4 or 16 bytes of a socket's peer address; IPv4 in IPv6 (a listener on all addresses) becomes IPv4. The system gives none for a
 * client that reset its connection before its request was read: its request is counted as nobody's.
 */
export function socketAddress(bytes: Uint8Array): IpAddress {
  return bytes.length === 0 ? NOBODY : unmapped(ipAddressOfBytes(bytes))
}

export function remoteAddress(address: IpAddress): RemoteAddress {
  const text = ipAddressText(address)
  return { text, network: address.family === 'ipv4' ? text : networkText(address) }
}

export function isTrusted(address: IpAddress, trusted: readonly Cidr[]): boolean {
  return trusted.some((range) => cidrContains(range, address))
}

/**
 * The address of the client. Behind a trusted proxy it is the last entry of the forwarding header that no trusted proxy wrote about
 * another trusted proxy: what stands before it was written by strangers.
 */
export function clientAddress(socket: IpAddress, { xForwardedFor, forwarded }: ForwardingHeaders, trusted: readonly Cidr[]): IpAddress {
  let address = socket
  const hops = xForwardedFor === '' ? forwardedFor(forwarded) : xForwardedFor.split(',')
  for (const hop of hops.slice(-MAX_HOPS).reverse()) {
    if (!isTrusted(address, trusted)) return address
    const before = hopAddress(hop)
    if (!before) return address // `unknown`, a name, or nonsense: the proxy counts as the client
    address = before
  }
  return address
}

/** A parameter, or nothing, and what ends it. A quoted value may hold `,` and `;`, for example a Host that a client made up. */
const PARAMETER = /\s*(?:([^\s=;,"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*))?\s*([;,]|$)/gy

/** The `for` of each element (RFC 7239, 4), empty for one without it. A header that breaks the grammar is one that names nobody. */
function forwardedFor(header: string): string[] {
  const hops: string[] = []
  let parameters = new Map<string, string>()
  for (const [, name, value = '', end] of header.matchAll(PARAMETER)) {
    if (name !== undefined) parameters.set(name.toLowerCase(), value.replaceAll('"', ''))
    if (end === ';') continue
    if (parameters.size > 0) hops.push(parameters.get('for') ?? '')
    if (end === '') return hops
    parameters = new Map()
  }
  return ['']
}

/** An address, with or without a port; IPv6 with a port is in brackets. */
function hopAddress(hop: string): IpAddress | undefined {
  const text = hop.trim()
  const [, bracketed] = /^\[([0-9a-fA-F:.]+)\](?::\d+)?$/.exec(text) ?? []
  const [, ipv4] = /^([\d.]+):\d+$/.exec(text) ?? []
  const address = parseIpAddress(bracketed ?? ipv4 ?? text)
  return address && unmapped(address)
}
