import { setTimeout as delay } from 'node:timers/promises'
import type { Settings } from '../config/settings.ts'
import { ephemeralIdentity, type Identity, identityFromHex } from '../gossip/identity.ts'
import { PostgresError } from '../postgres/connection/postgres-error.ts'
import { holderText, type IdentityLock } from '../postgres/identities/identity-lock.ts'
import { createIdentityParts, type IdentityParts } from './identity-parts.ts'
import { takeFromPool } from './identity-pool.ts'
import type { IdentityDeps } from './identity-use.ts'

/** The key of this process, and the guard that no other host has it. */
export interface OwnIdentity {
  readonly identity: Identity
  /** `host` or `host:port`, of the key or of the settings. */
  readonly advertiseAddresses: readonly string[]
  /** False from the moment on at which the key may be somebody else's, also when a frozen process has just woken up. */
  isSure(): boolean
  /** Its host is stopped as soon as the key may be somebody else's. Throws when that is so already. */
  guard(host: { stop(): Promise<void> }): void
  /** Gives the key back, once the host has stopped. */
  stop(): Promise<void>
}

const NO_POOL =
  'neither p2p_private_key nor identity_encryption_key with banlist_db is set: this process has an identity of its own that ends with it, ' +
  'and peers that ban or list peer ids will not know it again'
/** A holder that is just ending may be seen for a moment longer. */
const REFUSE_AFTER_MS = 2000

/**
 * The key of `p2p_private_key`, else one of the pool in Postgres, else one for this process only. Of the first two, no two
 * instances have the same: the second holder of a configured key is refused, and a pool gives each its own.
 */
export async function takeIdentity(settings: Settings, deps: IdentityDeps): Promise<OwnIdentity> {
  const ownAddresses = settings.p2p_advertise_addresses.map(({ host, port }) =>
    host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
  )
  const isPooled = settings.p2p_private_key === '' && settings.identity_encryption_key !== '' && settings.banlist_db !== ''
  if (isPooled) return fromPool(settings, ownAddresses, deps)
  if (settings.p2p_private_key === '') deps.log.warn(NO_POOL)
  const identity = settings.p2p_private_key ? await identityFromHex(settings.p2p_private_key) : await ephemeralIdentity()
  if (!identity.isEphemeral && settings.banlist_db) return configured(identity, settings, ownAddresses, deps)
  return { identity, advertiseAddresses: ownAddresses, isSure: () => true, guard: () => {}, stop: async () => {} }
}

async function fromPool(settings: Settings, ownAddresses: readonly string[], deps: IdentityDeps): Promise<OwnIdentity> {
  const parts = createIdentityParts(settings, 'pool', deps)
  const options = {
    bridgeId: settings.bridge_id,
    instanceId: settings.instance_id,
    encryptionKey: settings.identity_encryption_key,
    most: settings.identity_pool_max,
    leaseMs: settings.identity_lease,
  }
  try {
    const { identity, lock, advertiseAddresses } = await takeFromPool(options, { ...parts, ...deps, health: parts.health })
    deps.log.info({ peerId: identity.peerId, advertiseAddresses: advertiseAddresses ?? ownAddresses }, 'identity taken from the pool')
    lock.start()
    return { identity, advertiseAddresses: advertiseAddresses ?? ownAddresses, ...parts.keep(lock) }
  } catch (error) {
    await parts.postgres.stop()
    throw error
  }
}

/** The bridge starts with its configured key also while Postgres is away: then the guard is off until Postgres is back. */
async function configured(
  identity: Identity,
  settings: Settings,
  ownAddresses: readonly string[],
  deps: IdentityDeps,
): Promise<OwnIdentity> {
  const parts = createIdentityParts(settings, 'configured', deps)
  const lock = parts.createLock(identity.peerId)
  try {
    await takeOrRefuse(lock, identity.peerId, parts, deps)
  } catch (error) {
    await parts.postgres.stop()
    throw error
  }
  lock.start()
  return { identity, advertiseAddresses: ownAddresses, ...parts.keep(lock) }
}

async function takeOrRefuse(
  lock: IdentityLock,
  peerId: string,
  { open, unheld, health }: IdentityParts,
  { signal }: IdentityDeps,
): Promise<void> {
  const refuseAt = performance.now() + REFUSE_AFTER_MS
  for (;;) {
    try {
      const session = await open(signal)
      const outcome = await lock.take(session)
      if (outcome.kind === 'held') return
      session.end()
      if (outcome.kind === 'leased') health.notReady(`${peerId} is kept for ${holderText(outcome.holder)} until its lease ends`)
      if (outcome.kind === 'busy' && performance.now() > refuseAt) {
        throw new Error(
          `the peer id ${peerId}, which p2p_private_key makes, is held by ${holderText(outcome.holder)}, and two hosts must not share one: ` +
            'stop that instance, or give this one a key of its own (or none, and identity_encryption_key for a key of the pool)',
        )
      }
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof PostgresError)) throw error
      return unheld(error)
    }
    await delay(200, undefined, { signal })
  }
}
