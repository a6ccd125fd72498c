import { isIP } from 'node:net'

export interface RemoteAddress {
  /** The usual notation, for the logger. */
  readonly text: string
  /** The unit of counting: the IPv4 address, or the IPv6 /64, because one IPv6 customer usually has a whole /64. */
  readonly network: string
}

/** Reads the 4 or 16 bytes of a socket's peer address; IPv4 in IPv6 (a listener on all addresses) becomes IPv4. */
export function remoteAddress(bytes: Uint8Array): RemoteAddress {
  if (bytes.length === 16 && !isMapped(bytes)) {
    const groups = Array.from({ length: 8 }, (_, index) => (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16))
    return { text: shortest(groups.join(':')), network: `${groups.slice(0, 4).join(':')}::/64` }
  }
  const text = bytes.subarray(bytes.length - 4).join('.')
  return { text, network: text }
}

function isMapped(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff
}

function shortest(address: string): string {
  return isIP(address) === 6 ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
}
