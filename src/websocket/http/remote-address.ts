import { ipAddressOfBytes, ipAddressText, networkText, unmapped } from '../../addresses/ip-address.ts'

export interface RemoteAddress {
  /** The usual notation, for the logger. */
  readonly text: string
  /** The unit of counting. */
  readonly network: string
}

/** Reads the 4 or 16 bytes of a socket's peer address; IPv4 in IPv6 (a listener on all addresses) becomes IPv4. */
export function remoteAddress(bytes: Uint8Array): RemoteAddress {
  const address = unmapped(ipAddressOfBytes(bytes))
  return { text: ipAddressText(address), network: networkText(address) }
}
