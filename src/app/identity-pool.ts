import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { ephemeralIdentity, type Identity, identityFromHex } from '../gossip/identity.ts'
import type { PartHealth } from '../lifecycle/health.ts'
import { PostgresError } from '../postgres/connection/postgres-error.ts'
import { chooseIdentities } from '../postgres/identities/identity-choice.ts'
import type { IdentityLock } from '../postgres/identities/identity-lock.ts'
import type { IdentitySession } from '../postgres/identities/identity-session.ts'
import type { IdentityRow, IdentityStore } from '../postgres/identities/identity-store.ts'
import { openSealedKey, sealKey } from '../postgres/identities/sealed-key.ts'

export interface IdentityPoolOptions {
  readonly bridgeId: string
  readonly instanceId: string
  /** 32 bytes as hex. */
  readonly encryptionKey: string
  /** Below so many keys a missing one is added. */
  readonly most: number
  readonly leaseMs: number
}

export interface IdentityPoolDeps {
  readonly store: IdentityStore
  readonly open: (signal: AbortSignal) => Promise<IdentitySession>
  readonly createLock: (peerId: string) => IdentityLock
  readonly log: Logger
  readonly health: PartHealth
  readonly signal: AbortSignal
}

/** A key of the pool whose lock is held. */
export interface PooledIdentity {
  readonly identity: Identity
  readonly lock: IdentityLock
  readonly advertiseAddresses: readonly string[] | null
}

interface Wait {
  readonly reason: string
  readonly waitMs: number
}

/** The setting does not fit what is in the database. */
export class IdentityKeyError extends Error {
  override readonly name = 'IdentityKeyError'
  readonly code = 'BRIDGE_IDENTITY_KEY'
}

const FIRST_RETRY_MS = 200
const LONGEST_RETRY_MS = 1000
/** Somebody else may give a key back at any moment. */
const LOOK_AGAIN_MS = 1000

/** Resolves with a key that nobody else has. While Postgres is away, or all keys are taken, it waits and says so. */
export async function takeFromPool(options: IdentityPoolOptions, deps: IdentityPoolDeps): Promise<PooledIdentity> {
  const { health, signal } = deps
  const startedAt = performance.now()
  for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)) {
    signal.throwIfAborted()
    const patienceMs = Math.max(0, options.leaseMs - (performance.now() - startedAt))
    const outcome = await attempt(options, patienceMs, deps).catch((error: unknown) => awayOrThrow(error, retryMs))
    if ('identity' in outcome) return outcome
    if (outcome.waitMs > 0) health.notReady(outcome.reason)
    await delay(outcome.waitMs, undefined, { signal })
  }
}

/** The keys in use as hex, by their peer ids; those that do not open are left out. Throws IdentityKeyError when none does. */
export function unlockPool(
  rows: readonly IdentityRow[],
  { bridgeId, encryptionKey }: Pick<IdentityPoolOptions, 'bridgeId' | 'encryptionKey'>,
): Map<string, string> {
  const key = Buffer.from(encryptionKey, 'hex')
  const sealed = rows.filter((row) => row.sealedKey !== null && row.retiredAt === null)
  const opened = new Map<string, string>()
  for (const { peerId, sealedKey } of sealed) {
    const secret = sealedKey && openSealedKey(sealedKey, key, { bridgeId, peerId })
    if (secret) opened.set(peerId, secret.toString('hex'))
  }
  if (opened.size === 0 && sealed.length > 0) {
    throw new IdentityKeyError(
      `identity_encryption_key opens none of the ${sealed.length} keys that the pool of ${bridgeId} has, because they were encrypted with ` +
        'another one: set that one, or retire the keys (gossip-bridge identities list, retire)',
    )
  }
  return opened
}

/** The row of a new key. */
export function sealedRow(identity: Identity, { bridgeId, encryptionKey }: Pick<IdentityPoolOptions, 'bridgeId' | 'encryptionKey'>) {
  const { peerId, privateKey } = identity
  return { peerId, sealedKey: sealKey(privateKey.raw, Buffer.from(encryptionKey, 'hex'), { bridgeId, peerId }) }
}

/** On one connection, which is closed when it comes to hold nothing. */
async function attempt(options: IdentityPoolOptions, patienceMs: number, deps: IdentityPoolDeps): Promise<PooledIdentity | Wait> {
  const session = await deps.open(deps.signal)
  let taken: PooledIdentity | undefined
  try {
    const rows = await deps.store.list()
    const keys = unlockPool(rows, options)
    const { candidates, freeInMs, inUse } = chooseIdentities(rows, { instanceId: options.instanceId, patienceMs })
    const usable = candidates.filter((row) => isUsable(row, keys, deps))
    taken = await takeFirst(usable, keys, session, deps)
    if (taken) return taken
    if (usable.length > 0) return { reason: 'another instance was faster', waitMs: 0 }
    if (freeInMs !== null) return keptForItsHolder(freeInMs)
    return inUse >= options.most ? exhausted(inUse, options) : await addOne(options, deps)
  } finally {
    if (!taken) session.end()
  }
}

function isUsable({ peerId }: IdentityRow, keys: ReadonlyMap<string, string>, { log }: IdentityPoolDeps): boolean {
  if (keys.has(peerId)) return true
  log.warn({ peerId }, 'identity_encryption_key does not open this key of the pool: it is passed over')
  return false
}

async function takeFirst(
  rows: readonly IdentityRow[],
  keys: ReadonlyMap<string, string>,
  session: IdentitySession,
  { createLock }: IdentityPoolDeps,
): Promise<PooledIdentity | undefined> {
  for (const { peerId, advertiseAddresses } of rows) {
    const lock = createLock(peerId)
    if ((await lock.take(session)).kind !== 'held') continue
    return { identity: await identityFromHex(keys.get(peerId) ?? '', `the key of ${peerId}`), lock, advertiseAddresses }
  }
  return undefined
}

/** Adds a key; whether this instance or another one takes it is decided by the lock, as for all. */
async function addOne(options: IdentityPoolOptions, { store, log }: IdentityPoolDeps): Promise<Wait> {
  const identity = await ephemeralIdentity()
  const row = { ...sealedRow(identity, options), advertiseAddresses: null, reservedFor: null }
  if ((await store.add(row, { most: options.most })) === 'full') return exhausted(options.most, options)
  log.info({ peerId: identity.peerId, most: options.most }, 'no identity of the pool was free: a new one was added')
  return { reason: 'a new identity was added to the pool', waitMs: 0 }
}

function keptForItsHolder(freeInMs: number): Wait {
  const seconds = Math.ceil(freeInMs / 1000)
  return {
    reason: `the free identity of the pool is kept for the instance that had it last, for ${seconds} s yet`,
    waitMs: Math.min(freeInMs + 20, LOOK_AGAIN_MS),
  }
}

function exhausted(count: number, { most }: IdentityPoolOptions): Wait {
  return {
    reason:
      `all ${count} identities of the pool are held or reserved, and identity_pool_max (${most}) allows no more: raise it, ` +
      'or add one with `gossip-bridge identities add`',
    waitMs: LOOK_AGAIN_MS,
  }
}

function awayOrThrow(error: unknown, waitMs: number): Wait {
  if (!(error instanceof PostgresError)) throw error
  return { reason: `Postgres gives no identity (${error.message}): there is no host without one, and it is tried again`, waitMs }
}
