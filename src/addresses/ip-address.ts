import ipaddr from 'ipaddr.js'

/** An address as 32-bit words in network order: one for IPv4, four for IPv6. */
export interface IpAddress {
  readonly family: 'ipv4' | 'ipv6'
  readonly words: readonly number[]
}

export const ADDRESS_BITS = { ipv4: 32, ipv6: 128 } as const

const ZERO = 48
const DOT = 46
const COLON = 58
const LETTER_A = 97
/** The name or number of an interface. */
const ZONE = /^[\w.~-]{1,32}$/

/**
 * An IPv4 address in four decimal parts, or an IPv6 address, with or without a zone. Undefined for all other text: names are not
 * resolved, and IPv4 in octal, in hexadecimal or with fewer than four parts is not an address.
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  const ipv4 = parseIpv4(text)
  return ipv4 === undefined ? parseIpv6(text) : { family: 'ipv4', words: [ipv4] }
}

/** The address in the 4 or 16 bytes that sockets use. */
export function ipAddressOfBytes(bytes: Uint8Array): IpAddress {
  const words = Array.from({ length: bytes.length >>> 2 }, (_, index) => wordOfBytes(bytes, 4 * index))
  return { family: words.length === 1 ? 'ipv4' : 'ipv6', words }
}

/** The IPv4 address for IPv4-mapped IPv6, which a listener on all addresses sees; every other address as it is. */
export function unmapped(address: IpAddress): IpAddress {
  const { family, words } = address
  const isMapped = family === 'ipv6' && words[0] === 0 && words[1] === 0 && words[2] === 0xffff
  return isMapped ? { family: 'ipv4', words: [words[3] ?? 0] } : address
}

/** Name of the address's special range, such as `private` or `loopback`; `unicast` for an address in no special range. */
export function rangeOf(address: IpAddress): string {
  return address.family === 'ipv4' ? new ipaddr.IPv4(wordBytes(address.words[0] ?? 0)).range() : toIpaddr6(address).range()
}

/** Whether text is an address of the loopback interface. Names are not resolved. */
export function isLoopbackAddress(text: string): boolean {
  const address = parseIpAddress(text)
  return address !== undefined && rangeOf(unmapped(address)) === 'loopback'
}

/** The canonical text of an address: dotted decimal, or RFC 5952 for IPv6. */
export function ipAddressText(address: IpAddress): string {
  return address.family === 'ipv4' ? wordBytes(address.words[0] ?? 0).join('.') : toIpaddr6(address).toRFC5952String()
}

/** The unit of counting: the IPv4 address, or the IPv6 /64, because one customer of IPv6 usually has a whole /64. */
export function networkText(address: IpAddress): string {
  if (address.family === 'ipv4') return ipAddressText(address)
  const [first = 0, second = 0] = address.words
  return `${ipAddressText({ family: 'ipv6', words: [first, second, 0, 0] })}/64`
}

/** By hand, because it runs for each message and ipaddr.js takes microseconds. Property tests check that both agree. */
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
  const zone = text.indexOf('%')
  if (zone >= 0 && !ZONE.test(text.slice(zone + 1))) return undefined
  const groups = ipv6Groups(zone < 0 ? text : text.slice(0, zone))
  if (!groups) return undefined
  return { family: 'ipv6', words: [wordAt(groups, 0), wordAt(groups, 2), wordAt(groups, 4), wordAt(groups, 6)] }
}

/** The eight groups of an IPv6 address. Undefined if the text is not one. */
function ipv6Groups(text: string): number[] | undefined {
  const groups = [0, 0, 0, 0, 0, 0, 0, 0]
  let count = 0
  let gap = text.startsWith('::') ? 0 : -1
  let at = gap === 0 ? 2 : 0
  while (at < text.length) {
    const start = at
    let group = 0
    for (let digit = hexDigit(text, at); digit >= 0; digit = hexDigit(text, ++at)) group = (group << 4) | digit
    if (text.charCodeAt(at) === DOT) {
      const tail = parseIpv4(text.slice(start))
      if (tail === undefined || count > 6) return undefined
      groups[count++] = tail >>> 16
      groups[count++] = tail & 0xffff
      break
    }
    if (at === start || at - start > 4 || count > 7) return undefined
    groups[count++] = group
    if (at === text.length) break
    if (text.charCodeAt(at++) !== COLON || at === text.length) return undefined
    if (text.charCodeAt(at) !== COLON) continue
    if (gap >= 0) return undefined
    gap = count
    at++
  }
  if (gap < 0) return count === 8 ? groups : undefined
  return count < 8 ? groups.copyWithin(8 - count + gap, gap, count).fill(0, gap, 8 - count + gap) : undefined
}

function wordAt(groups: readonly number[], index: number): number {
  return ((groups[index] ?? 0) << 16) | (groups[index + 1] ?? 0)
}

function hexDigit(text: string, at: number): number {
  if (at >= text.length) return -1
  const code = text.charCodeAt(at)
  if (code <= ZERO + 9) return code - ZERO
  const letter = (code | 0x20) - LETTER_A
  return letter >= 0 && letter < 6 ? letter + 10 : -1
}

function toIpaddr6({ words }: IpAddress): ipaddr.IPv6 {
  return new ipaddr.IPv6(words.flatMap((word) => [(word >>> 16) & 0xffff, word & 0xffff]))
}

function wordOfBytes(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
}

function wordBytes(word: number): number[] {
  return [word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff]
}
