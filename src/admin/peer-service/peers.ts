import { parsePeerAddress } from '../../peers/peer-address.ts'
import type { PeersAdmin, Requester } from '../ports.ts'
import { DIAL_FAILURES } from '../routes/peers.ts'
import { invalid, peerIdIn, textIn } from './fields.ts'
import type { PeerServicePorts, Rpc } from './rpc.ts'

/** Calls about the connections of this instance. */
export const PEER_RPCS: Readonly<Record<string, Rpc>> = {
  GetPeers: { isChange: false, handle: (_request, ports) => connectedPeers(ports) },
  ConnectPeer: {
    isChange: true,
    handle: (request, { peers }, requester) => connect(textIn(request, 'peer_address'), peers, requester),
  },
  DisconnectPeer: {
    isChange: true,
    handle(request, { peers }, requester) {
      const peerId = peerIdIn(request)
      const isDone = peers.disconnect(peerId, requester)
      return { success: isDone, error: isDone ? '' : `no peer ${peerId} is connected to this instance` }
    },
  },
}

async function connectedPeers({ peers, registry, scores }: PeerServicePorts): Promise<object> {
  const points = await scores()
  return {
    peers: peers.list().map(({ peerId, address, direction }) => ({
      id: peerId,
      addr: address ?? '',
      inbound: direction === 'inbound',
      currentHeight: registry.find(peerId)?.height ?? 0,
      banscore: points.get(peerId) ?? 0,
    })),
  }
}

async function connect(address: string, peers: PeersAdmin, requester: Requester): Promise<object> {
  const place = parsePeerAddress(address)
  if (!place?.peerId || place.kind === 'dnsaddr')
    throw invalid(
      'peer_address is not a multiaddress over TCP that ends in /p2p/<peer id>, such as /ip4/203.0.113.7/tcp/9905/p2p/12D3Koo...',
    )
  const { peerId } = place
  if (peers.list().some((peer) => peer.peerId === peerId)) return { success: true, error: '' }
  const failure = await peers.connect(address, requester)
  return { success: !failure, error: failure ? `${peerId} could not be connected: ${DIAL_FAILURES[failure]}` : '' }
}
