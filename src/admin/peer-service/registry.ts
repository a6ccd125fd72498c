import { peerIdIn } from './fields.ts'
import { catchupFields, registryInfo } from './registry-info.ts'
import type { Rpc } from './rpc.ts'

/** Questions about peers. */
export const REGISTRY_RPCS: Readonly<Record<string, Rpc>> = {
  GetPeersForCatchup: {
    isChange: false,
    handle: (_request, { registry }) => ({
      peers: registry.forCatchup().map(({ peerId, height, hash, dataHubUrl, score, reputation }) => ({
        id: peerId,
        height,
        block_hash: hash,
        data_hub_url: dataHubUrl,
        catchup_reputation_score: score,
        ...catchupFields(reputation),
      })),
    }),
  },
  IsPeerMalicious: {
    isChange: false,
    handle(request, { registry }) {
      const reason = registry.maliceOf(peerIdIn(request))
      return { is_malicious: reason !== undefined, reason: reason ?? '' }
    },
  },
  IsPeerUnhealthy: {
    isChange: false,
    handle(request, { registry }) {
      const peerId = peerIdIn(request)
      const peer = registry.find(peerId)
      // Nothing speaks against an unknown peer. "Unhealthy" would keep a node from catching up whenever its bridge has just started.
      if (!peer) return { is_unhealthy: false, reason: 'unknown peer', reputation_score: registry.unknownScore }
      const reason = registry.healthFaultOf(peerId)
      return { is_unhealthy: reason !== undefined, reason: reason ?? '', reputation_score: peer.score }
    },
  },
  GetPeerRegistry: {
    isChange: false,
    async handle(_request, { registry, scores }) {
      const points = await scores()
      return { peers: registry.all().map((peer) => registryInfo(peer, points.get(peer.peerId) ?? 0)) }
    },
  },
  GetPeer: {
    isChange: false,
    async handle(request, { registry, scores }) {
      const peer = registry.find(peerIdIn(request))
      if (!peer) return { found: false }
      return { found: true, peer: registryInfo(peer, (await scores()).get(peer.peerId) ?? 0) }
    },
  },
}
