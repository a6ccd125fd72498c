import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Settings } from '../../config/settings.ts'
import { lockConfiguredKey } from '../../identity/configured.ts'
import { ephemeralIdentity, identityFromHex } from '../../identity/key.ts'
import { IdentityLock } from '../../identity/lock.ts'
import { LockedIdentity, type OwnIdentity, unguardedIdentity } from '../../identity/own-identity.ts'
import { takeFromPool } from '../../identity/pool.ts'
import type { Identity } from '../../identity/ports.ts'
import { type IdentitySource, IdentityStatus } from '../../identity/status.ts'
import { type Clock, SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import type { Health } from '../../lifecycle/health.ts'
import { unlessAborted, withDeadline } from '../../lifecycle/time.ts'
import { createPostgres } from '../../postgres/connection/pool.ts'
import { PostgresIdentitySession } from '../../postgres/identities/identity-session.ts'
import { createIdentityStore } from '../../postgres/identities/identity-store.ts'
import { createIdentityMetrics } from '../../telemetry/identity-metrics.ts'

export interface IdentityDeps {
  readonly log: Logger
  readonly health: Health
  readonly registry: Registry
  readonly signal: AbortSignal
  /** Called with the reason why the process must shut down gracefully. */
  readonly fatal: (error: Error) => void
  readonly clock?: Clock
}

const NO_POOL =
  'neither p2p_private_key nor identity_encryption_key with banlist_db is set: this process has an identity of its own that ends with it, ' +
  'and peers that ban or list peer ids will not know it again'
/** A migration may wait long for another instance's migration. This bounds how long a start waits for it. */
const PREPARE_MS = 5000

/**
 * The key of `p2p_private_key`, else one of the pool in Postgres, else one for this process only. No two instances have the same
 * configured or pooled key: the second instance with a configured key is refused, and the pool gives each instance its own key.
 */
export async function takeIdentity(settings: Settings, deps: IdentityDeps): Promise<OwnIdentity> {
  const { p2p_private_key: hex, identity_encryption_key: encryptionKey, banlist_db: database } = settings
  const ownAddresses = settings.p2p_advertise_addresses
  const configured = hex === '' ? undefined : await identityFromHex(hex)
  if (database !== '' && (configured || encryptionKey !== '')) return lockedIdentity(settings, ownAddresses, configured, deps)
  if (!configured) deps.log.warn(NO_POOL)
  return unguardedIdentity(configured ?? (await ephemeralIdentity()), ownAddresses)
}

async function lockedIdentity(
  settings: Settings,
  ownAddresses: readonly string[],
  configured: Identity | undefined,
  { log, health, registry, signal, fatal, clock = SYSTEM_CLOCK }: IdentityDeps,
): Promise<OwnIdentity> {
  const source = configured ? 'configured' : 'pool'
  const status = new IdentityStatus(source, { log, health: health.part('identity'), metrics: metricsOf(source, registry) })
  const { postgres, store, open } = createSessions(settings, { log })
  const leaseMs = settings.identity_lease
  const createLock = (peerId: string) =>
    new IdentityLock({ peerId, leaseMs: configured ? null : leaseMs, renewEachMs: leaseMs / 10 }, { open, clock })
  const deps = { store, open, createLock, status, clock, log, signal }
  try {
    const { identity, lock, advertiseAddresses } = configured
      ? await takeConfigured(configured, deps)
      : await takeFromPool(poolOptions(settings), deps)
    const addresses = advertiseAddresses ?? ownAddresses
    const own = new LockedIdentity(
      { identity, advertiseAddresses: addresses },
      { lock, status, log, fatal, closeStore: () => postgres.stop() },
    )
    if (!configured) log.info({ peerId: identity.peerId, advertiseAddresses: addresses }, 'identity taken from the pool')
    own.start()
    return own
  } catch (error) {
    await postgres.stop()
    throw error
  }
}

type ConfiguredDeps = Parameters<typeof lockConfiguredKey>[1] & { readonly createLock: (peerId: string) => IdentityLock }

async function takeConfigured(identity: Identity, { createLock, ...deps }: ConfiguredDeps) {
  const lock = createLock(identity.peerId)
  await lockConfiguredKey(lock, deps)
  return { identity, lock, advertiseAddresses: null }
}

function poolOptions(settings: Settings) {
  return {
    bridgeId: settings.bridge_id,
    instanceId: settings.instance_id,
    encryptionKey: settings.identity_encryption_key,
    most: settings.identity_pool_max,
    leaseMs: settings.identity_lease,
  }
}

function createSessions(settings: Settings, { log }: { log: Logger }) {
  const { bridge_id: bridgeId, instance_id: instanceId, identity_lease: leaseMs } = settings
  const answerMs = Math.min(5000, leaseMs / 6)
  const applicationName = `gossip-bridge identity ${instanceId}`
  const postgres = createPostgres(
    { connectionString: settings.banlist_db, applicationName, maxConnections: 1, deadlineMs: answerMs },
    { log },
  )
  const store = createIdentityStore({ bridgeId }, { postgres, log })
  const options = { bridgeId, instanceId, host: hostname(), token: randomUUID(), answerMs }
  const open = async (signal: AbortSignal) => {
    await unlessAborted(withDeadline(store.prepare(), PREPARE_MS, 'bringing the database up to date'), signal)
    return PostgresIdentitySession.open(options, { postgres, signal })
  }
  return { postgres, store, open }
}

function metricsOf(source: IdentitySource, registry: Registry) {
  const metrics = createIdentityMetrics(registry)
  return {
    setHeld: (isHeld: boolean) => metrics.held.set({ source }, isHeld ? 1 : 0),
    countLoss: () => metrics.losses.inc(),
  }
}
