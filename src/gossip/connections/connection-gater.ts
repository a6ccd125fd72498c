import type { ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Logger } from 'pino'
import { ipOf, networkOf } from '../node/addresses.ts'
import type { Refusal, Refusals } from '../refusals.ts'
import { boundAnswers } from './answer-bounds.ts'
import type { Arrivals } from './arrivals.ts'
import type { KeptOut } from './kept-out.ts'
import type { Places } from './places.ts'

/** The subject of a ban check: a peer id, an address, or both. */
export interface BanSubject {
  readonly peerId?: string
  readonly address?: string
}

export interface ConnectionGaterDeps {
  readonly log: Logger
  readonly isBanned: (subject: BanSubject) => boolean
  readonly onRefused: (stage: 'dial' | 'accept') => void
  /** Whether an address may be dialled at all, whoever asks for it: libp2p itself dials addresses that strangers told it. */
  readonly mayDial: (address: string) => boolean
  readonly onLocalAddress: () => void
  readonly places: Pick<Places, 'accept' | 'identify' | 'dialled'>
  readonly arrivals: Pick<Arrivals, 'admit'>
  readonly keptOut: Pick<KeptOut, 'hasPeer' | 'hasNetwork'>
  readonly refusals: Pick<Refusals, 'count'>
}

/**
 * Checks addresses before a dial, and bans at every stage of a connection: before a dial, when a socket is accepted (only the address is
 * known), and when the remote peer has proved its peer id. A socket that is not banned needs a place.
 */
export function createConnectionGater(deps: ConnectionGaterDeps): ConnectionGater {
  const { log, isBanned, onRefused, mayDial, onLocalAddress, places } = deps
  function isRefused(stage: 'dial' | 'accept', subject: BanSubject): boolean {
    if (!isBanned(subject)) return false
    onRefused(stage)
    log.debug({ ...subject, stage }, 'connection refused, banned')
    return true
  }
  function isLocal(address: Multiaddr): boolean {
    if (mayDial(address.toString())) return false
    onLocalAddress()
    log.debug({ address: address.toString() }, 'address not dialled: it leads into a local network and is not in the settings')
    return true
  }
  const accept = (peerId: PeerId, connection: MultiaddrConnection) => isRefused('accept', subjectOf(connection, peerId))
  const { acceptSocket, identify, upgraded } = createDoor(deps)
  const dial = (peerId: PeerId, connection: MultiaddrConnection) => isRefused('dial', subjectOf(connection, peerId))
  return {
    denyDialPeer: (peerId) => deps.keptOut.hasPeer(peerId.toString()) || isRefused('dial', { peerId: peerId.toString() }),
    denyDialMultiaddr: (address) => isLocal(address) || isRefused('dial', withAddress({}, ipOf(address))),
    denyInboundConnection: (connection) => isRefused('accept', subjectOf(connection)) || !acceptSocket(connection),
    denyInboundEncryptedConnection: (peerId, connection) => accept(peerId, connection) || !identify(peerId, connection),
    denyInboundUpgradedConnection(peerId, connection) {
      upgraded(connection)
      return accept(peerId, connection)
    },
    denyOutboundConnection: dial,
    denyOutboundEncryptedConnection: dial,
    denyOutboundUpgradedConnection(peerId, connection) {
      if (dial(peerId, connection)) return true
      places.dialled(connection, peerId.toString())
      return false
    },
  }
}

/** Who may come in, apart from bans: there is a place, and it is not kept out. */
function createDoor({ places, arrivals, keptOut, refusals }: ConnectionGaterDeps) {
  const ready = new WeakSet<MultiaddrConnection>()
  function outside(network: string | null): Refusal | undefined {
    if (network === null) return undefined
    if (keptOut.hasNetwork(network)) return 'kept-out'
    return arrivals.admit(network) ? undefined : 'too-many-connections'
  }
  return {
    acceptSocket(socket: MultiaddrConnection): boolean {
      const refusal = outside(networkOf(socket.remoteAddr)) ?? places.accept(socket)
      const address = ipOf(socket.remoteAddr)
      if (refusal) refusals.count(refusal, { address })
      else boundAnswers(socket, { isAgreed: () => ready.has(socket), onRefused: () => refusals.count('endless-negotiation', { address }) })
      return refusal === undefined
    },
    /** Encryption and muxer are agreed on. */
    upgraded: (socket: MultiaddrConnection) => void ready.add(socket),
    identify(peer: PeerId, socket: MultiaddrConnection): boolean {
      const peerId = peer.toString()
      const refusal = keptOut.hasPeer(peerId) ? 'kept-out' : places.identify(socket, peerId)
      if (refusal) refusals.count(refusal, { peerId, address: ipOf(socket.remoteAddr) })
      return refusal === undefined
    },
  }
}

/** The peer id and address of a connection, for the ban check. */
export function subjectOf(connection: Pick<MultiaddrConnection, 'remoteAddr'>, peerId?: PeerId): BanSubject {
  return withAddress(peerId === undefined ? {} : { peerId: peerId.toString() }, ipOf(connection.remoteAddr))
}

function withAddress(subject: BanSubject, address: string | null): BanSubject {
  return address === null ? subject : { ...subject, address }
}
