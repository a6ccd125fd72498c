import { parsePeerAddress } from '../../peers/peer-address.ts'
import type { PeerPlace } from './peers.ts'

/** A list names more than this only by mistake; the doctor looks at the first ones. */
const MOST_PLACES = 20

/** Where the peers of an address are: one place, or those of a list in the DNS (`/dnsaddr/<host>`). Rejects when the list cannot be read. */
export async function placesOf(address: string, resolve: (address: string) => Promise<readonly string[]>): Promise<PeerPlace[]> {
  const isList = parsePeerAddress(address)?.kind === 'dnsaddr'
  const addresses = isList ? await resolve(address) : [address]
  if (addresses.length === 0) throw new Error(`the list ${address} names no peer that can be dialled: check its TXT records`)
  return addresses.slice(0, MOST_PLACES).flatMap((each) => {
    const { host, port } = parsePeerAddress(each) ?? {}
    return host === undefined || port === undefined || port === null ? [] : [{ address: each, host, port }]
  })
}
