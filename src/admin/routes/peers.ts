import { timeText } from '../../lifecycle/time-text.ts'
import { parsePeerAddress } from '../../peers/peer-address.ts'
import type { DialFailure } from '../../peers/ports.ts'
import { AdminError, badRequest, type Reply } from '../answers.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { PeerInfo, PeersAdmin, Requester } from '../ports.ts'
import type { Route } from '../route.ts'

const PEER_ID: JsonSchema = {
  type: 'string',
  description: 'A peer id.',
  examples: ['12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK'],
}

const CONNECT: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['address'],
  properties: {
    address: {
      type: 'string',
      description: 'Multiaddress over TCP that ends in a peer id.',
      examples: ['/ip4/203.0.113.7/tcp/9905/p2p/12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK'],
      minLength: 1,
      maxLength: 512,
    },
  },
}

/** The peers that are connected to this instance. */
export const PEER_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/peers',
    operation: 'listPeers',
    summary: 'The connected peers of this instance',
    isChange: false,
    answer: 'Peers',
    handle: (_request, { peers }) => ({ status: 200, body: { peers: peers.list().map(shownPeer) } }),
  },
  {
    method: 'POST',
    path: '/v1/peers',
    operation: 'connectPeer',
    summary: 'Dials a peer now; the connection is not opened again when it is lost',
    isChange: true,
    body: CONNECT,
    answer: 'PeerChange',
    errors: [502],
    handle: ({ body, requester }, { peers }) => connect(String(body.address), peers, requester),
  },
  {
    method: 'GET',
    path: '/v1/peers/{peerId}',
    operation: 'showPeer',
    summary: 'One connected peer',
    isChange: false,
    parameters: { peerId: PEER_ID },
    answer: 'Peer',
    handle({ parameters: { peerId = '' } }, { peers }) {
      const found = peers.list().find((peer) => peer.peerId === peerId)
      if (!found) throw new AdminError(404, `no peer ${JSON.stringify(peerId.slice(0, 128))} is connected to this instance`)
      return { status: 200, body: shownPeer(found) }
    },
  },
  {
    method: 'DELETE',
    path: '/v1/peers/{peerId}',
    operation: 'disconnectPeer',
    summary: 'Closes the connections of a peer, which may come back: a ban keeps it out',
    isChange: true,
    parameters: { peerId: PEER_ID },
    answer: 'PeerChange',
    handle: ({ parameters: { peerId = '' }, requester }, { peers }) => disconnect(peerId, peers, requester),
  },
]

/** Why a dial failed, for people. */
export const DIAL_FAILURES: Readonly<Record<DialFailure, string>> = {
  'wrong-peer': 'another peer answers there',
  'other-network': 'no handshake comes about: it may have another shared key',
  'no-address': 'the address cannot be dialled from here',
  banned: 'the peer or its address is banned, or is not to be dialled',
  unreachable: 'it refuses the connection, or does not answer in time',
}

async function connect(address: string, peers: PeersAdmin, requester: Requester): Promise<Reply> {
  const place = parsePeerAddress(address)
  if (!place?.peerId || place.kind === 'dnsaddr')
    throw badRequest('address is not a multiaddress over TCP that ends in /p2p/<peer id>, such as /ip4/203.0.113.7/tcp/9905/p2p/12D3Koo...')
  const { peerId } = place
  if (peers.list().some((peer) => peer.peerId === peerId))
    return { status: 200, body: { peerId, changed: false, sentence: `${peerId} is connected already: nothing changed.` } }
  const failure = await peers.connect(address, requester)
  if (failure) throw new AdminError(502, `${peerId} could not be connected: ${DIAL_FAILURES[failure]}`)
  return { status: 200, body: { peerId, changed: true, sentence: `${peerId} is connected.` } }
}

function disconnect(peerId: string, peers: PeersAdmin, requester: Requester): Reply {
  const found = peers.list().find((peer) => peer.peerId === peerId)
  if (!found || !peers.disconnect(peerId, requester))
    throw new AdminError(404, `no peer ${JSON.stringify(peerId.slice(0, 128))} is connected to this instance`)
  const comeBack = found.isOfSettings ? 'The settings name it, so it is dialled again.' : 'It may come back: a ban keeps it out.'
  return { status: 200, body: { peerId, changed: true, sentence: `${peerId} is disconnected. ${comeBack}` } }
}

/** A peer as the API shows it. */
export function shownPeer({ connectedAt, ...peer }: PeerInfo) {
  return { ...peer, connectedAt: timeText(connectedAt) }
}
