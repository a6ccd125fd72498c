import { ADDRESS_BITS, type IpAddress, parseIpAddress, unmapped } from './ip-address.ts'

/** A range of addresses. A single address has its family's full length. */
export interface Cidr extends IpAddress {
  /** Length of the prefix in bits. */
  readonly prefix: number
}

/** `10.0.0.0/8`, `fd00::/8`, or one address. Undefined for all other text. */
export function parseCidr(text: string): Cidr | undefined {
  const [, host = '', length] = /^([0-9a-fA-F.:]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? []
  const address = parseIpAddress(host)
  if (!address) return undefined
  const bits = ADDRESS_BITS[address.family]
  const prefix = length === undefined ? bits : Number(length)
  return prefix <= bits ? { ...address, prefix } : undefined
}

/** Whether a range holds an address. IPv4 in IPv6 counts as IPv4. */
export function cidrContains({ family, words, prefix }: Cidr, address: IpAddress): boolean {
  const plain = unmapped(address)
  if (plain.family !== family) return false
  for (let index = 0; index * 32 < prefix; index++) {
    const bits = Math.min(32, prefix - index * 32)
    const difference = (words[index] ?? 0) ^ (plain.words[index] ?? 0)
    if (difference >>> (32 - bits) !== 0) return false
  }
  return true
}
