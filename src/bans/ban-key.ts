import { base32 } from 'multiformats/bases/base32'
import { base36 } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import { type Digest, decode as decodeDigest } from 'multiformats/hashes/digest'
import { ADDRESS_BITS, type IpAddress, ipAddressText } from '../addresses/ip-address.ts'
import { BadInputError } from '../messages/errors.ts'
import { parseWrittenAddress } from './written-address.ts'

/** Addresses of one prefix; a single address has its family's full length. */
export interface AddressBanKey extends IpAddress {
  /** Length of the prefix in bits. All bits after it are zero. */
  readonly prefix: number
  /** Canonical: all spellings of a key have the same text, and the text parses to the same key. */
  readonly text: string
}

export interface PeerBanKey {
  readonly family: 'peer'
  readonly text: string
}

/** What can be banned: an IPv4 or IPv6 address, a CIDR, or a peer id. */
export type BanKey = AddressBanKey | PeerBanKey

const LIBP2P_KEY_CODEC = 0x72
const IDENTITY = 0x00
const SHA2_256 = 0x12
/** A public key in its protobuf frame starts with the field `type`. */
const PUBLIC_KEY_FRAME = 0x08
const LONGEST_KEY = 128
const MAPPED_PREFIX = 96

/** Throws BadInputError with a message that says what to write instead. */
export function parseBanKey(text: string): BanKey {
  const trimmed = text.trim()
  if (trimmed === '') throw refused('the ban key is empty: it takes an IP address, a CIDR or a peer id')
  if (trimmed.length > LONGEST_KEY) throw refused(`the ban key has ${trimmed.length} characters: no address or peer id is that long`)
  if (trimmed.includes('/') && !trimmed.startsWith('/')) return parseCidr(trimmed)
  if (trimmed.startsWith('/')) throw refused(`"${trimmed}" is a multiaddress: give its IP address or its peer id alone`)
  const address = parseWrittenAddress(trimmed)
  if (address) return addressKey(address, ADDRESS_BITS[address.family])
  const peer = canonicalPeerId(trimmed)
  if (peer) return { family: 'peer', text: peer }
  throw refused(`"${trimmed}" is no IP address, CIDR or peer id (host names are not banned: give the address)`)
}

/** A peer id as base58 text, from its base58 or CID form. Undefined if the text is not a peer id. */
export function canonicalPeerId(text: string): string | undefined {
  try {
    const digest = /^[bk]/.test(text) ? cidDigest(text) : decodeDigest(base58btc.baseDecode(text))
    return digest && isPeerDigest(digest) ? base58btc.baseEncode(digest.bytes) : undefined
  } catch {
    return undefined // neither base58 nor a CID nor a multihash, so it is not a peer id
  }
}

function parseCidr(text: string): AddressBanKey {
  const slash = text.indexOf('/')
  const length = text.slice(slash + 1)
  const host = text.slice(0, slash)
  const address = parseWrittenAddress(host)
  if (!address || /[[\]]|^[^:]*\.[^:]*:/.test(host)) throw refused(`"${text}" is no CIDR: "${host}" is no IP address`)
  // The length counts bits of the family as written, so ::ffff:10.0.0.0/104 is 10.0.0.0/8.
  const isMapped = address.family === 'ipv4' && host.includes(':')
  const bits = isMapped ? ADDRESS_BITS.ipv6 : ADDRESS_BITS[address.family]
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > bits) throw refused(`"${text}" is no CIDR: the prefix length is 0 to ${bits}`)
  if (!isMapped) return addressKey(address, Number(length))
  if (Number(length) < MAPPED_PREFIX)
    throw refused(`"${text}" holds more than the IPv4-mapped addresses: write it as IPv4 or as plain IPv6`)
  return addressKey(address, Number(length) - MAPPED_PREFIX)
}

function addressKey({ family, words }: IpAddress, prefix: number): AddressBanKey {
  const masked = words.map((word, index) => word & wordMask(prefix - index * 32))
  const address = ipAddressText({ family, words: masked })
  return { family, words: masked, prefix, text: prefix === ADDRESS_BITS[family] ? address : `${address}/${prefix}` }
}

function wordMask(bits: number): number {
  if (bits <= 0) return 0
  return bits >= 32 ? -1 : -1 << (32 - bits)
}

function cidDigest(text: string): Digest<number, number> | undefined {
  const cid = CID.parse(text, base32.decoder.or(base36.decoder))
  return cid.code === LIBP2P_KEY_CODEC ? decodeDigest(cid.multihash.bytes) : undefined
}

function isPeerDigest({ code, digest }: Digest<number, number>): boolean {
  if (code === SHA2_256) return digest.length === 32
  return code === IDENTITY && digest.length >= 36 && digest[0] === PUBLIC_KEY_FRAME
}

function refused(message: string): BadInputError {
  return new BadInputError('ban-key', message)
}
