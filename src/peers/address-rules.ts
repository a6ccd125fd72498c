import { isPublicPlace, parsePeerAddress } from './peer-address.ts'
import type { AddressRules } from './ports.ts'

export interface AddressRulesOptions {
  /** The addresses of the settings. They may be dialled wherever they lead. */
  readonly ownChoice: readonly string[]
  /** False in a network with a shared key: its members are trusted with each other's private addresses. */
  readonly isPublic: boolean
  /** `p2p_share_private_addresses`. */
  readonly sharePrivateAddresses: boolean
  /** False for a node that nobody shall find. */
  readonly announcesAddresses?: boolean
}

/** Bound on the addresses behind the DNS names of the settings. */
const MAX_PLACES = 10_000

/** Keeps strangers from making us dial our own or our operator's private networks. */
export function createAddressRules(options: AddressRulesOptions): AddressRules {
  const { ownChoice, isPublic, sharePrivateAddresses, announcesAddresses = true } = options
  const chosen = new Set(ownChoice.flatMap(placeOf))
  return {
    mayDial: (address) => !isPublic || isPublicText(address) || placeOf(address).some((place) => chosen.has(place)),
    resolved(address, results) {
      if (!placeOf(address).some((place) => chosen.has(place))) return
      for (const place of results.flatMap(placeOf)) if (chosen.size < MAX_PLACES) chosen.add(place)
    },
    mayAnnounce: (address) => announcesAddresses && (!isPublic || sharePrivateAddresses || isPublicText(address)),
  }
}

function isPublicText(address: string): boolean {
  const parsed = parsePeerAddress(address)
  return parsed !== undefined && isPublicPlace(parsed)
}

function placeOf(address: string): string[] {
  const parsed = parsePeerAddress(address)
  return parsed === undefined ? [] : [`${parsed.kind} ${parsed.host} ${parsed.port}`]
}
