import ipaddr from 'ipaddr.js'

/** Today's global unicast addresses. Everything else in IPv6 is private, special or unassigned. */
const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3]

/** Mapped, translated (NAT64) and tunnelled addresses are special ranges of IPv6, so none of them counts as public. */
export function isPublicAddress(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address instanceof ipaddr.IPv6 && !address.match(GLOBAL_UNICAST)) return false
  return address.range() === 'unicast'
}

/** The same for text. False for text that is not an IP address. */
export function isPublicIp(text: string): boolean {
  return ipaddr.isValid(text) && isPublicAddress(ipaddr.parse(text))
}
