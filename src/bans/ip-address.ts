import ipaddr from 'ipaddr.js'

/** An address as 32-bit words in network order: one for IPv4, four for IPv6. */
export interface IpAddress {
  readonly family: 'ipv4' | 'ipv6'
  readonly words: readonly number[]
}

export const ADDRESS_BITS = { ipv4: 32, ipv6: 128 } as const

const LONGEST_TEXT = 128
const ZERO = 48
const DOT = 46

/**
 * An IP address in the spellings that occur on connections and in logs: bare, `address:port`, `[v6]:port`, with an IPv6
 * zone, or at the head of a multiaddress. IPv4-mapped IPv6 is the IPv4 address. Undefined for everything else: names are
 * not resolved, and IPv4 in octal, hexadecimal or with fewer than four parts is no address.
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  const ipv4 = parseIpv4(text)
  if (ipv4 !== undefined) return { family: 'ipv4', words: [ipv4] }
  if (text.length > LONGEST_TEXT) return undefined
  const bare = stripPort(stripMultiaddress(text))
  if (bare !== text) return parseIpAddress(bare)
  return parseIpv6(text)
}

/** The canonical text of an address: dotted decimal, or RFC 5952 for IPv6. */
export function ipAddressText({ family, words }: IpAddress): string {
  if (family === 'ipv4') return wordBytes(words[0] ?? 0).join('.')
  return new ipaddr.IPv6(words.flatMap((word) => [(word >>> 16) & 0xffff, word & 0xffff])).toRFC5952String()
}

/** By hand rather than by ipaddr.js, because it runs for each message and each dial; a property test holds the two equal. */
function parseIpv4(text: string): number | undefined {
  if (text.length < 7 || text.length > 15) return undefined
  let word = 0
  let part = 0
  let digits = 0
  let dots = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === DOT) {
      if (digits === 0 || ++dots > 3) return undefined
      word = (word << 8) | part
      part = 0
      digits = 0
      continue
    }
    const digit = code - ZERO
    if (digit < 0 || digit > 9 || (digits > 0 && part === 0)) return undefined
    part = part * 10 + digit
    digits++
    if (part > 255) return undefined
  }
  return dots === 3 && digits > 0 ? (word << 8) | part : undefined
}

function parseIpv6(text: string): IpAddress | undefined {
  const [address = ''] = text.split('%', 1)
  if (!address.includes(':') || !ipaddr.IPv6.isValid(address)) return undefined
  const parsed = ipaddr.IPv6.parse(address)
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = parsed.parts
  const lowest = (g << 16) | h
  if (parsed.isIPv4MappedAddress()) return { family: 'ipv4', words: [lowest] }
  return { family: 'ipv6', words: [(a << 16) | b, (c << 16) | d, (e << 16) | f, lowest] }
}

function stripMultiaddress(text: string): string {
  return /^\/ip[46]\/([^/]+)/.exec(text)?.[1] ?? text
}

function stripPort(text: string): string {
  const match = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text) ?? /^([\d.]+):\d{1,5}$/.exec(text)
  return match?.[1] ?? text
}

function wordBytes(word: number): number[] {
  return [word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff]
}
