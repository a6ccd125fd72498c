import type { Logger } from 'pino'
import { createAdminApi } from '../../admin/admin-api.ts'
import type { AdminPorts } from '../../admin/ports.ts'
import type { Bans } from '../../bans/bans.ts'
import type { Settings } from '../../config/settings.ts'
import type { EventLog } from '../../events/event-log.ts'
import type { AnnouncedPeers } from '../../events/reading/announced-peers.ts'
import type { GossipHost } from '../../gossip/gossip-host.ts'
import type { Health } from '../../lifecycle/health.ts'
import type { Stops } from '../../lifecycle/stops.ts'
import type { Scores } from '../../scores/scores.ts'
import type { BanListPart } from '../bans/ban-list.ts'
import type { AdminDesk } from './admin-desk.ts'
import { createDoors } from './doors.ts'

export interface AdminDeps {
  /** The settings in effect now. */
  readonly current: () => Settings
  readonly desk: AdminDesk
  readonly version: string
  readonly bans: Bans
  readonly database?: BanListPart['database']
  readonly host: GossipHost
  readonly announced: Pick<AnnouncedPeers, 'heightOf'>
  readonly scores: Pick<Scores, 'list'> | undefined
  readonly eventLog: Pick<EventLog, 'isPrimary' | 'isSibling' | 'pending'>
  readonly log: Logger
  readonly health: Health
  readonly stops: Stops
}

/** Opens the doors of a relay: what it has to tell and to change is at the desk now. Starts the HTTP admin API, if the settings want one. */
export async function startAdmin(settings: Settings, deps: AdminDeps): Promise<void> {
  const { desk, scores, log, health, stops, version } = deps
  const ports = { ...createDoors(settings, deps), scores }
  provide(ports, deps)
  const address = settings.admin_listen_address
  if (address === null || !settings.roles.includes('admin')) return
  const { board, metrics, gate } = desk
  const status = () => board.status()
  const api = createAdminApi({ address, version }, { ports: { ...ports, status }, log, metrics, gate, health: health.part('admin') })
  stops.add('admin API', () => api.stop())
  await api.start()
}

function provide(ports: Pick<AdminPorts, 'bans' | 'peers' | 'scores'>, { desk, host, eventLog, database }: AdminDeps): void {
  desk.board.provide({
    ports,
    peerId: host.peerId,
    isPrimary: () => eventLog.isPrimary(),
    pending: () => eventLog.pending(),
    ...(database && { isDatabaseUp: database.isUp, evidence: database.evidence }),
  })
}
