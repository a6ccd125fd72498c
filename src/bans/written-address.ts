import { type IpAddress, parseIpAddress, unmapped } from '../addresses/ip-address.ts'

const LONGEST_TEXT = 128
const LARGEST_PORT = 65_535

/**
 * The IP address in the spellings that occur on connections and in logs: bare, `address:port`, `[v6]:port`, with an IPv6 zone, or at
 * the head of a multiaddress. IPv4-mapped IPv6 gives the IPv4 address. Undefined for all other text.
 */
export function parseWrittenAddress(text: string): IpAddress | undefined {
  if (text.length > LONGEST_TEXT) return undefined
  const address = parseIpAddress(text)
  if (address) return unmapped(address)
  const bare = stripPort(stripMultiaddress(text))
  return bare === text ? undefined : parseWrittenAddress(bare)
}

function stripMultiaddress(text: string): string {
  return /^\/ip[46]\/([^/]+)/.exec(text)?.[1] ?? text
}

function stripPort(text: string): string {
  const [, host, port = '0'] = /^\[([^[\]]+)\](?::(\d{1,5}))?$/.exec(text) ?? /^([\d.]+):(\d{1,5})$/.exec(text) ?? []
  return host === undefined || Number(port) > LARGEST_PORT ? text : host
}
