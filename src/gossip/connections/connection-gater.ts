import type { ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Logger } from 'pino'
import { ipOf } from '../node/addresses.ts'

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
}

/**
 * Checks addresses before a dial, and bans at every stage of a connection: before a dial, when a socket is accepted (only the address is known), and when the
 * remote peer has proved its peer id.
 */
export function createConnectionGater({ log, isBanned, onRefused, mayDial, onLocalAddress }: ConnectionGaterDeps): ConnectionGater {
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
  const dial = (peerId: PeerId, connection: MultiaddrConnection) => isRefused('dial', subjectOf(connection, peerId))
  return {
    denyDialPeer: (peerId) => isRefused('dial', { peerId: peerId.toString() }),
    denyDialMultiaddr: (address) => isLocal(address) || isRefused('dial', withAddress({}, ipOf(address))),
    denyInboundConnection: (connection) => isRefused('accept', subjectOf(connection)),
    denyInboundEncryptedConnection: accept,
    denyInboundUpgradedConnection: accept,
    denyOutboundConnection: dial,
    denyOutboundEncryptedConnection: dial,
    denyOutboundUpgradedConnection: dial,
  }
}

/** The peer id and address of a connection, for the ban check. */
export function subjectOf(connection: Pick<MultiaddrConnection, 'remoteAddr'>, peerId?: PeerId): BanSubject {
  return withAddress(peerId === undefined ? {} : { peerId: peerId.toString() }, ipOf(connection.remoteAddr))
}

function withAddress(subject: BanSubject, address: string | null): BanSubject {
  return address === null ? subject : { ...subject, address }
}
