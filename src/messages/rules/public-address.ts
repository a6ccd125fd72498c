import { type IpAddress, parseIpAddress, rangeOf } from '../../addresses/ip-address.ts'

/** Mapped, translated (NAT64) and tunnelled addresses are special ranges of IPv6, so none of them counts as public. */
export function isPublicAddress(address: IpAddress): boolean {
  return (address.family === 'ipv4' || isGlobalUnicast(address)) && rangeOf(address) === 'unicast'
}

/** The same for text. False for text that is not an IP address. */
export function isPublicIp(text: string): boolean {
  const address = parseIpAddress(text)
  return address !== undefined && isPublicAddress(address)
}

/** In 2000::/3, today's global unicast addresses. Everything else in IPv6 is private, special or unassigned. */
function isGlobalUnicast({ words }: IpAddress): boolean {
  return (words[0] ?? 0) >>> 29 === 1
}
