import { ipAddressOfBytes, ipAddressText, unmapped } from '../../addresses/ip-address.ts'

export interface RemoteAddress {
  /** The usual notation, for the logger. */
  readonly text: string
  /** The unit of counting: the IPv4 address, or the IPv6 /64, because one IPv6 customer usually has a whole /64. */
  readonly network: string
}

/** Reads the 4 or 16 bytes of a socket's peer address; IPv4 in IPv6 (a listener on all addresses) becomes IPv4. */
export function remoteAddress(bytes: Uint8Array): RemoteAddress {
  const address = unmapped(ipAddressOfBytes(bytes))
  const text = ipAddressText(address)
  if (address.family === 'ipv4') return { text, network: text }
  const [first = 0, second = 0] = address.words
  return { text, network: `${ipAddressText({ family: 'ipv6', words: [first, second, 0, 0] })}/64` }
}
