import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { createAdminApi } from '../../admin/admin-api.ts'
import { createBansAdmin } from '../../admin/bans-admin.ts'
import { createPeersAdmin } from '../../admin/peers-admin.ts'
import type { Bans } from '../../bans/bans.ts'
import type { Settings } from '../../config/settings.ts'
import type { EventLog } from '../../events/event-log.ts'
import type { EventLogView } from '../../events/event-log-view.ts'
import type { GossipHost } from '../../gossip/gossip-host.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import type { Health } from '../../lifecycle/health.ts'
import type { Stops } from '../../lifecycle/stops.ts'
import { reachablePeers } from '../../peers/peer-address.ts'
import type { Scores } from '../../scores/scores.ts'
import { createAdminMetrics } from '../../telemetry/admin-metrics.ts'

export interface AdminDeps {
  readonly version: string
  readonly bans: Bans
  readonly host: GossipHost
  readonly scores: Pick<Scores, 'list'> | undefined
  readonly eventLog: Pick<EventLog, 'isPrimary' | 'isSibling'>
  readonly view: Pick<EventLogView, 'liveInstances'>
  readonly log: Logger
  readonly health: Health
  readonly registry: Registry
  readonly stops: Stops
}

/** Starts the HTTP admin API, if the settings want one. */
export async function startAdmin(settings: Settings, deps: AdminDeps): Promise<void> {
  const address = settings.admin_listen_address
  if (address === null || !settings.roles.includes('admin')) return
  const { bans, host, scores, eventLog, log, health, registry, stops, version } = deps
  const metrics = createAdminMetrics(registry)
  const ofSettings = new Set(reachablePeers([...settings.p2p_static_peers, ...settings.p2p_bootstrapAddresses]).map(({ peerId }) => peerId))
  const peersAdmin = createPeersAdmin({
    host,
    log,
    isOfSettings: (peerId) => ofSettings.has(peerId),
    isSibling: (peerId) => eventLog.isSibling(peerId),
  })
  const bansAdmin = createBansAdmin({ bans, log })
  const ports = { bans: bansAdmin, peers: peersAdmin, scores, status: () => statusOf(settings, deps) }
  const api = createAdminApi(
    { address, key: settings.admin_api_key, version },
    { ports, log, metrics, health: health.part('admin'), clock: SYSTEM_CLOCK },
  )
  stops.add('admin API', () => api.stop())
  await api.start()
}

function statusOf(settings: Settings, { version, bans, host, eventLog, view, health }: AdminDeps) {
  const { bridge_id: bridgeId, instance_id: instanceId, network, roles } = settings
  const bridge = { version, bridgeId, instanceId, network, roles, peerId: host.peerId }
  const instances = view.liveInstances()
  return { ...bridge, ...health.report(), isPrimary: eventLog.isPrimary(), instances, peers: host.peers().length, bans: bans.list().length }
}
