import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Settings } from '../../config/settings.ts'
import { answerDeadlineMs } from '../../identity/lock.ts'
import type { OwnIdentity } from '../../identity/own-identity.ts'
import { type IdentitySource, IdentityStatus } from '../../identity/status.ts'
import { type IdentitySessions, takeIdentity } from '../../identity/take-identity.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import type { Health } from '../../lifecycle/health.ts'
import { createPostgres } from '../../postgres/connection/pool.ts'
import { createPreparation } from '../../postgres/connection/prepare.ts'
import { PostgresIdentitySession } from '../../postgres/identities/identity-session.ts'
import { createIdentityStore } from '../../postgres/identities/identity-store.ts'
import { createIdentityMetrics } from '../../telemetry/identity-metrics.ts'

export interface OwnIdentityDeps {
  readonly log: Logger
  readonly health: Health
  readonly registry: Registry
  readonly signal: AbortSignal
  /** Called with the reason why the process must shut down gracefully. */
  readonly fatal: (error: Error) => void
}

/** The key of this process: of `p2p_private_key`, of the pool in Postgres, or a new one. */
export function takeOwnIdentity(settings: Settings, { log, health, registry, signal, fatal }: OwnIdentityDeps): Promise<OwnIdentity> {
  return takeIdentity(
    {
      configuredKey: settings.p2p_private_key,
      advertiseAddresses: settings.p2p_advertise_addresses,
      pool: {
        bridgeId: settings.bridge_id,
        instanceId: settings.instance_id,
        encryptionKey: settings.identity_encryption_key,
        most: settings.identity_pool_max,
        leaseMs: settings.identity_lease,
      },
    },
    {
      connect: settings.banlist_db === '' ? undefined : () => connectSessions(settings, { log }),
      createStatus: (source) => new IdentityStatus(source, { log, health: health.part('identity'), metrics: metricsOf(source, registry) }),
      log,
      signal,
      fatal,
      clock: SYSTEM_CLOCK,
    },
  )
}

function connectSessions(settings: Settings, { log }: { log: Logger }): IdentitySessions {
  const { bridge_id: bridgeId, instance_id: instanceId } = settings
  const answerMs = answerDeadlineMs(settings.identity_lease)
  const applicationName = `gossip-bridge identity ${instanceId}`
  const postgres = createPostgres(
    { connectionString: settings.banlist_db, applicationName, maxConnections: 1, deadlineMs: answerMs },
    { log },
  )
  const prepare = createPreparation({ migrates: settings.banlist_migrate }, { postgres, log })
  const options = { bridgeId, instanceId, host: hostname(), token: randomUUID(), answerMs }
  return {
    store: createIdentityStore({ bridgeId }, { postgres, prepare }),
    open: (signal) => PostgresIdentitySession.open(options, { postgres, signal }),
    close: () => postgres.stop(),
  }
}

function metricsOf(source: IdentitySource, registry: Registry) {
  const metrics = createIdentityMetrics(registry)
  return {
    setHeld: (isHeld: boolean) => metrics.held.set({ source }, isHeld ? 1 : 0),
    countLoss: () => metrics.losses.inc(),
  }
}
