import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { chargeByHand } from '../../admin/peer-service/charge-by-hand.ts'
import { createLatestScores } from '../../admin/peer-service/latest-scores.ts'
import { PeerService } from '../../admin/peer-service/peer-service.ts'
import type { Requester } from '../../admin/ports.ts'
import type { Bans } from '../../bans/bans.ts'
import type { Settings } from '../../config/settings.ts'
import type { EventLog } from '../../events/event-log.ts'
import type { AnnouncedPeers } from '../../events/reading/announced-peers.ts'
import type { GossipHost } from '../../gossip/gossip-host.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import type { Health } from '../../lifecycle/health.ts'
import type { Stops } from '../../lifecycle/stops.ts'
import { createMemoryReputationStore } from '../../reputation/memory-reputation-store.ts'
import { createPeerRegistry } from '../../reputation/peer-registry.ts'
import type { ReputationStore } from '../../reputation/ports.ts'
import { SharedReputations } from '../../reputation/reputations.ts'
import type { Scores } from '../../scores/scores.ts'
import { createGrpcMetrics, type GrpcMetrics } from '../../telemetry/grpc-metrics.ts'
import { MOST_REPUTATIONS } from '../bans/ban-list.ts'
import { createDoors } from './doors.ts'

export interface GrpcDeps {
  /** The settings in effect now. */
  readonly current: () => Settings
  readonly bans: Bans
  readonly host: GossipHost
  /** Undefined without a database. */
  readonly scores: Scores | undefined
  /** Undefined without a database: then reputations are kept in memory. */
  readonly reputationStore: ReputationStore | undefined
  readonly announced: AnnouncedPeers
  readonly eventLog: Pick<EventLog, 'isSibling'>
  readonly log: Logger
  readonly health: Health
  readonly registry: Registry
  readonly stops: Stops
}

const NO_DATABASE = 'banlist_db is not set: reputations of peers are kept by this instance only, and forgotten when it stops'

/** Starts the gRPC peer service, if the settings want one. Its libraries are imported only then. */
export async function startGrpc(settings: Settings, deps: GrpcDeps): Promise<void> {
  const address = settings.p2p_grpcListenAddress
  if (address === null || !settings.roles.includes('admin')) return
  const { health, registry, stops, log } = deps
  const { server_certFile: certFile, server_keyFile: keyFile } = settings
  const metrics = createGrpcMetrics(registry)
  const reputations = createReputations(deps, metrics)
  stops.add('reputations', () => reputations.stop())
  reputations.start()
  const key = settings.grpc_admin_api_key || settings.admin_api_key
  const ports = createPorts(settings, deps, reputations)
  const service = new PeerService({ key }, { ports, metrics, log, clock: SYSTEM_CLOCK })
  const { GrpcServer } = await import('../../grpc/grpc-server.ts')
  const tls = settings.securityLevelGRPC > 0 ? { certFile, keyFile } : null
  const server = new GrpcServer(
    { address, tls, ...(deps.reputationStore ? {} : { caveat: NO_DATABASE }) },
    { service, log, health: health.part('grpc') },
  )
  stops.add('gRPC', () => {
    service.stop()
    return server.stop()
  })
  await server.start()
}

function createReputations({ reputationStore, log }: GrpcDeps, { reportsLost }: GrpcMetrics): SharedReputations {
  if (!reputationStore) log.warn(NO_DATABASE)
  const store = reputationStore ?? createMemoryReputationStore({ maxPeers: MOST_REPUTATIONS })
  return new SharedReputations({ maxPeers: MOST_REPUTATIONS }, { store, log, clock: SYSTEM_CLOCK, onLost: () => reportsLost.inc() })
}

function createPorts(settings: Settings, deps: GrpcDeps, reputations: SharedReputations) {
  const { bans, host, scores, announced, log } = deps
  const connected = () => host.peers()
  const isBanned = (peerId: string) => bans.isBanned({ peerId })
  return {
    ...createDoors(settings, deps),
    reputations,
    registry: createPeerRegistry({ announced, reputations, connected, isBanned, clock: SYSTEM_CLOCK }),
    scores: createLatestScores({ scores, clock: SYSTEM_CLOCK }),
    charge: scores && chargeByHand((offence) => scores.charge([offence])),
    audit: (requester: Requester, fields: object) => log.info({ ...requester, ...fields }, 'audit: a peer was judged by hand'),
  }
}
