import type { Logger } from 'pino'
import type { Clock } from '../lifecycle/clock.ts'
import { createBackOff, sleep } from '../lifecycle/time.ts'
import { chooseIdentities } from './choice.ts'
import { ephemeralIdentity, identityFromText } from './key.ts'
import type { IdentityLock } from './lock.ts'
import type { Identity, IdentityRow, IdentitySession, IdentityStore, OpenSession } from './ports.ts'
import { type PoolSealing, sealedRow, unlockPool } from './sealed-pool.ts'
import type { IdentityStatus } from './status.ts'

export interface IdentityPoolOptions extends PoolSealing {
  readonly instanceId: string
  /** Upper bound on keys in use: a key is added only while the pool has fewer. */
  readonly most: number
  readonly leaseMs: number
}

export interface IdentityPoolDeps {
  readonly store: IdentityStore
  readonly open: OpenSession
  readonly createLock: (peerId: string) => IdentityLock
  readonly status: IdentityStatus
  readonly clock: Pick<Clock, 'steady'>
  readonly log: Logger
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

const FIRST_RETRY_MS = 200
const LONGEST_RETRY_MS = 1000
/** Pause before the list is read again, after another instance took the key that we had chosen. */
const FASTER_MS = 20
/** How often to look again: another instance may give a key back at any moment. */
const LOOK_AGAIN_MS = 1000

/** Resolves with a key that no other instance has. While the store is unavailable or all keys are taken, it waits and reports that. */
export async function takeFromPool(options: IdentityPoolOptions, deps: IdentityPoolDeps): Promise<PooledIdentity> {
  const { store, status, clock, signal } = deps
  const startedAt = clock.steady()
  const backOff = createBackOff(FIRST_RETRY_MS, LONGEST_RETRY_MS)
  const passedOver = new Set<string>()
  for (;;) {
    signal.throwIfAborted()
    const patienceMs = Math.max(0, options.leaseMs - (clock.steady() - startedAt))
    const outcome = await attempt(options, { patienceMs, passedOver }, deps).catch((error: unknown) => {
      if (!store.isUnavailable(error)) throw error
      return unavailable(error, backOff.next())
    })
    if ('identity' in outcome) return outcome
    if (outcome.waitMs > 0) status.waiting(outcome.reason)
    await sleep(outcome.waitMs, signal)
  }
}

interface Attempt {
  readonly patienceMs: number
  /** Peer ids of keys that do not open and of which the log has told: attempts follow each other every second. */
  readonly passedOver: Set<string>
}

/** One attempt on one connection, which is closed unless it holds a key at the end. */
async function attempt(
  options: IdentityPoolOptions,
  { patienceMs, passedOver }: Attempt,
  deps: IdentityPoolDeps,
): Promise<PooledIdentity | Wait> {
  const session = await deps.open(deps.signal)
  let taken: PooledIdentity | undefined
  try {
    const rows = await deps.store.list()
    const keys = unlockPool(rows, options)
    const { candidates, freeInMs, inUse } = chooseIdentities(rows, { instanceId: options.instanceId, patienceMs })
    const usable = candidates.filter((row) => isUsable(row, keys, passedOver, deps))
    taken = await takeFirst(usable, keys, session, deps)
    if (taken) return taken
    if (usable.length > 0) return { reason: 'another instance was faster', waitMs: FASTER_MS }
    if (freeInMs !== null) return keptForItsHolder(freeInMs)
    return inUse >= options.most ? exhausted(inUse, options) : await addOne(options, deps)
  } finally {
    if (!taken) session.end()
  }
}

function isUsable(
  { peerId }: IdentityRow,
  keys: ReadonlyMap<string, string>,
  passedOver: Set<string>,
  { log }: Pick<IdentityPoolDeps, 'log'>,
): boolean {
  if (keys.has(peerId)) return true
  if (passedOver.has(peerId)) return false
  passedOver.add(peerId)
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
    return { identity: await identityFromText(keys.get(peerId) ?? '', `the key of ${peerId}`), lock, advertiseAddresses }
  }
  return undefined
}

/** Adds a key. Its lock decides which instance takes it, as for all keys. */
async function addOne(options: IdentityPoolOptions, { store, log }: IdentityPoolDeps): Promise<Wait> {
  const identity = await ephemeralIdentity()
  const row = { ...sealedRow(identity, options), advertiseAddresses: null, reservedFor: null }
  if ((await store.add(row, { most: options.most })) === 'full') return exhausted(options.most, options)
  log.info({ peerId: identity.peerId, most: options.most }, 'no identity of the pool was free: a new one was added')
  return { reason: 'a new identity was added to the pool', waitMs: 0 }
}

function keptForItsHolder(freeInMs: number): Wait {
  return {
    reason: `the free identity of the pool is reserved for the instance that had it last, for another ${Math.ceil(freeInMs / 1000)} s`,
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

function unavailable({ message }: Error, waitMs: number): Wait {
  return { reason: `Postgres gives no identity (${message}): the host cannot start without one, trying again`, waitMs }
}
