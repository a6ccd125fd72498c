import type { Logger } from 'pino'
import { createBansAdmin } from '../../admin/bans-admin.ts'
import { createPeersAdmin } from '../../admin/peers-admin.ts'
import type { BansAdmin, PeersAdmin } from '../../admin/ports.ts'
import type { Bans } from '../../bans/bans.ts'
import type { Settings } from '../../config/settings.ts'
import type { EventLog } from '../../events/event-log.ts'
import type { AnnouncedPeers } from '../../events/reading/announced-peers.ts'
import type { GossipHost } from '../../gossip/gossip-host.ts'
import { peerIdsOf } from '../peers/peer-ids.ts'

export interface DoorsDeps {
  /** The settings in effect now. */
  readonly current: () => Settings
  readonly bans: Bans
  readonly host: GossipHost
  readonly announced: Pick<AnnouncedPeers, 'heightOf'>
  readonly eventLog: Pick<EventLog, 'isSibling'>
  readonly log: Logger
}

/** Bans and peers, as every door for people and programs uses them. */
export function createDoors(
  settings: Settings,
  { current, bans, host, announced, eventLog, log }: DoorsDeps,
): { bans: BansAdmin; peers: PeersAdmin } {
  const [statics, bootstrap] = [peerIdsOf(() => current().p2p_static_peers), peerIdsOf(() => settings.p2p_bootstrapAddresses)]
  const peers = createPeersAdmin({
    host,
    log,
    heightOf: (peerId) => announced.heightOf(peerId),
    isOfSettings: (peerId) => statics.has(peerId) || bootstrap.has(peerId),
    isSibling: (peerId) => eventLog.isSibling(peerId),
  })
  return { bans: createBansAdmin({ bans, log }), peers }
}
