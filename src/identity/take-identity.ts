import type { Logger } from 'pino'
import type { Clock } from '../lifecycle/clock.ts'
import { unlessAborted, withDeadline } from '../lifecycle/time.ts'
import { lockConfiguredKey } from './configured.ts'
import { ephemeralIdentity, identityFromText } from './key.ts'
import { IdentityLock } from './lock.ts'
import { LockedIdentity, type OwnIdentity, unguardedIdentity } from './own-identity.ts'
import { type IdentityPoolOptions, type PooledIdentity, takeFromPool } from './pool.ts'
import type { Identity, IdentityStore, OpenSession } from './ports.ts'
import type { IdentitySource, IdentityStatus } from './status.ts'

export interface TakeIdentityOptions {
  /** As hex; empty: none. */
  readonly configuredKey: string
  /** Keys are taken from the pool only if its encryption key is set. */
  readonly pool: IdentityPoolOptions
  /** `host` or `host:port`, for a key without addresses of its own. */
  readonly advertiseAddresses: readonly string[]
}

/** The store of the pool and of the locks. */
export interface IdentitySessions {
  readonly store: IdentityStore
  readonly open: OpenSession
  close(): Promise<void>
}

export interface TakeIdentityDeps {
  /** Undefined: no database is set, so nothing guards the key. */
  readonly connect: (() => IdentitySessions) | undefined
  readonly createStatus: (source: IdentitySource) => IdentityStatus
  readonly log: Logger
  readonly signal: AbortSignal
  /** Called with the reason why the process must shut down gracefully. */
  readonly fatal: (error: Error) => void
  readonly clock: Clock
}

const NO_POOL =
  'neither p2p_private_key nor identity_encryption_key with banlist_db is set: this process has an identity of its own that ends with it, ' +
  'and peers that ban or list peer ids will not know it again'
/** A migration may wait long for another instance's migration. This bounds how long a start waits for it. */
const PREPARE_MS = 5000

/**
 * The configured key, else one of the pool, else one for this process only. No two instances have the same configured or pooled key:
 * the second instance with a configured key is refused, and the pool gives each instance its own key.
 */
export async function takeIdentity(options: TakeIdentityOptions, deps: TakeIdentityDeps): Promise<OwnIdentity> {
  const { configuredKey, pool, advertiseAddresses } = options
  const configured = configuredKey === '' ? undefined : await identityFromText(configuredKey)
  if (deps.connect && (configured || pool.encryptionKey !== '')) return lockedIdentity(options, configured, deps.connect(), deps)
  if (!configured) deps.log.warn(NO_POOL)
  return unguardedIdentity(configured ?? (await ephemeralIdentity()), advertiseAddresses)
}

async function lockedIdentity(
  options: TakeIdentityOptions,
  configured: Identity | undefined,
  { store, open, close }: IdentitySessions,
  { createStatus, log, signal, fatal, clock }: TakeIdentityDeps,
): Promise<OwnIdentity> {
  const { leaseMs } = options.pool
  const status = createStatus(configured ? 'configured' : 'pool')
  const openPrepared: OpenSession = async (stopped) => {
    await unlessAborted(withDeadline(store.prepare(), PREPARE_MS, 'bringing the database up to date'), stopped)
    return open(stopped)
  }
  const createLock = (peerId: string) =>
    new IdentityLock({ peerId, leaseMs: configured ? null : leaseMs, renewEachMs: leaseMs / 10 }, { open: openPrepared, clock })
  const deps = { store, open: openPrepared, createLock, status, clock, log, signal }
  try {
    const taken = configured ? await takeConfigured(configured, deps) : await takeFromPool(options.pool, deps)
    const { identity, lock } = taken
    const advertiseAddresses = taken.advertiseAddresses ?? options.advertiseAddresses
    const own = new LockedIdentity({ identity, advertiseAddresses }, { lock, status, log, fatal, closeStore: close })
    if (!configured) log.info({ peerId: identity.peerId, advertiseAddresses }, 'identity taken from the pool')
    own.start()
    return own
  } catch (error) {
    await close()
    throw error
  }
}

type ConfiguredDeps = Parameters<typeof lockConfiguredKey>[1] & { readonly createLock: (peerId: string) => IdentityLock }

async function takeConfigured(identity: Identity, { createLock, ...deps }: ConfiguredDeps): Promise<PooledIdentity> {
  const lock = createLock(identity.peerId)
  await lockConfiguredKey(lock, deps)
  return { identity, lock, advertiseAddresses: null }
}
