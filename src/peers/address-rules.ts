import { isPublicPlace, parsePeerAddress } from './peer-address.ts'
import type { AddressRules } from './ports.ts'

export interface AddressRulesOptions {
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
  const { isPublic, sharePrivateAddresses, announcesAddresses = true } = options
  /** The places of the settings' addresses, and those to which their names lead. They may be dialled wherever they are. */
  let chosen = new Set<string>()
  /** What each name of the settings has led to, also by way of others. */
  const results = new Map<string, Set<string>>()

  function follow(name: string): void {
    for (const place of results.get(name) ?? []) {
      if (chosen.has(place) || chosen.size >= MAX_PLACES) continue
      chosen.add(place)
      follow(place)
    }
  }

  return {
    mayDial: (address) => !isPublic || isPublicText(address) || placeOf(address).some((place) => chosen.has(place)),
    resolved(address, found) {
      for (const name of placeOf(address)) {
        if (!chosen.has(name)) continue
        results.set(name, new Set([...(results.get(name) ?? []), ...found.flatMap(placeOf)].slice(0, MAX_PLACES)))
        follow(name)
      }
    },
    setOwnChoice(addresses) {
      const own = addresses.flatMap(placeOf)
      chosen = new Set(own)
      own.forEach(follow)
      for (const name of results.keys()) if (!chosen.has(name)) results.delete(name)
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
