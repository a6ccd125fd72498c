import type { MultiaddrConnection } from '@libp2p/interface'
import { networkOf } from '../node/addresses.ts'
import type { Refusal } from '../refusals.ts'

export interface PlacesOptions {
  readonly maxConnections: number
  /** Connections of strangers from one IPv4 address or IPv6 /64. */
  readonly maxPerAddress: number
}

export interface PlacesDeps {
  /** The peers of the settings, and those that were useful. */
  readonly known: { has(peerId: string): boolean; all(): readonly string[] }
}

type Socket = Pick<MultiaddrConnection, 'remoteAddr' | 'addEventListener'>

interface Place {
  readonly network: string | null
  /** Undefined until it has proved its peer id. */
  peerId: string | undefined
}

/** So many more sockets of an address may wait for their handshake: a known peer is recognised only after it. */
const EXTRA_SOCKETS = 4
/** Sockets of all addresses that wait for their handshake. */
const MAX_WAITING_SOCKETS = 100
const KEPT_SHARE = 0.2

/**
 * The places for connections, in all and per address. Some are kept for known peers: a fifth, or as many as there are known peers, up to a half. A socket has its place
 * from the moment it is accepted, so that handshakes that never end are bounded too.
 */
export class Places {
  readonly #options: PlacesOptions
  readonly #known: PlacesDeps['known']
  readonly #places = new Map<Socket, Place>()

  constructor(options: PlacesOptions, { known }: PlacesDeps) {
    this.#options = options
    this.#known = known
  }

  /** A socket was accepted. Only its address is known. */
  accept(socket: Socket): Refusal | undefined {
    const network = networkOf(socket.remoteAddr)
    if (this.#count(({ peerId }) => peerId === undefined) >= MAX_WAITING_SOCKETS) return 'no-place'
    const isFull = this.#count((place) => place.network === network) >= this.#options.maxPerAddress + EXTRA_SOCKETS
    if (network !== null && isFull) return 'no-place-for-address'
    this.#add(socket, { network, peerId: undefined })
    return undefined
  }

  /** The peer behind an accepted socket has proved its id. */
  identify(socket: Socket, peerId: string): Refusal | undefined {
    const place = this.#places.get(socket)
    if (!this.#known.has(peerId)) {
      const { network } = place ?? { network: networkOf(socket.remoteAddr) }
      const isStranger = (each: Place) => each !== place && each.peerId !== undefined && !this.#known.has(each.peerId)
      if (this.#count(isStranger) >= this.#maxStrangers()) return 'no-place'
      const here = this.#count((each) => isStranger(each) && each.network === network)
      if (network !== null && here >= this.#options.maxPerAddress) return 'no-place-for-address'
    }
    if (place) place.peerId = peerId
    return undefined
  }

  /** We dialled a peer, and it proved its id. It has a place, because whom to dial is bounded elsewhere. */
  dialled(socket: Socket, peerId: string): void {
    this.#add(socket, { network: networkOf(socket.remoteAddr), peerId })
  }

  get size(): number {
    return this.#places.size
  }

  #add(socket: Socket, place: Place): void {
    this.#places.set(socket, place)
    socket.addEventListener('close', () => this.#places.delete(socket), { once: true })
  }

  #maxStrangers(): number {
    const { maxConnections } = this.#options
    const wanted = Math.max(Math.ceil(maxConnections * KEPT_SHARE), this.#known.all().length)
    return maxConnections - Math.min(wanted, Math.floor(maxConnections / 2))
  }

  #count(isOne: (place: Place) => boolean): number {
    let count = 0
    for (const place of this.#places.values()) if (isOne(place)) count += 1
    return count
  }
}
