import type { Logger } from 'pino'
import { createBansAdmin } from '../../admin/bans-admin.ts'
import { createPeersAdmin } from '../../admin/peers-admin.ts'
import type { BansAdmin, PeersAdmin } from '../../admin/ports.ts'
import type { Bans } from '../../bans/bans.ts'
import type { Settings } from '../../config/settings.ts'
import type { EventLog } from '../../events/event-log.ts'
import type { AnnouncedPeers } from '../../events/reading/announced-peers.ts'
import type { GossipHost } from '../../gossip/gossip-host.ts'
import { reachablePeers } from '../../peers/peer-address.ts'

export interface DoorsDeps {
  readonly bans: Bans
  readonly host: GossipHost
  readonly announced: Pick<AnnouncedPeers, 'heightOf'>
  readonly eventLog: Pick<EventLog, 'isSibling'>
  readonly log: Logger
}

/** Bans and peers, as every door for people and programs uses them. */
export function createDoors(
  settings: Settings,
  { bans, host, announced, eventLog, log }: DoorsDeps,
): { bans: BansAdmin; peers: PeersAdmin } {
  const ofSettings = new Set(reachablePeers([...settings.p2p_static_peers, ...settings.p2p_bootstrapAddresses]).map(({ peerId }) => peerId))
  const peers = createPeersAdmin({
    host,
    log,
    heightOf: (peerId) => announced.heightOf(peerId),
    isOfSettings: (peerId) => ofSettings.has(peerId),
    isSibling: (peerId) => eventLog.isSibling(peerId),
  })
  return { bans: createBansAdmin({ bans, log }), peers }
}
