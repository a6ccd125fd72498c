import type { Clock } from '../lifecycle/clock.ts'
import { sleep } from '../lifecycle/time.ts'
import { holderText, type IdentityLock } from './lock.ts'
import type { IdentityStore, OpenSession } from './ports.ts'
import type { IdentityStatus } from './status.ts'

export interface ConfiguredKeyDeps {
  readonly open: OpenSession
  readonly store: Pick<IdentityStore, 'isUnavailable'>
  readonly status: IdentityStatus
  readonly clock: Pick<Clock, 'steady'>
  readonly signal: AbortSignal
}

/** A holder that is stopping may still have the lock for a moment. */
const REFUSE_AFTER_MS = 2000
const LOOK_AGAIN_MS = 200

/**
 * Takes the lock of the configured key, or throws when another instance holds it. While the store is unavailable, the bridge starts
 * without the guard.
 */
export async function lockConfiguredKey(lock: IdentityLock, deps: ConfiguredKeyDeps): Promise<void> {
  const { store, status, clock, signal } = deps
  const refuseAt = clock.steady() + REFUSE_AFTER_MS
  for (;;) {
    try {
      if (await isTaken(lock, { ...deps, isPatient: clock.steady() <= refuseAt })) return
    } catch (error) {
      signal.throwIfAborted()
      if (!store.isUnavailable(error)) throw error
      return status.unheld(error)
    }
    await sleep(LOOK_AGAIN_MS, signal)
    signal.throwIfAborted()
  }
}

async function isTaken(
  lock: IdentityLock,
  { open, status, signal, isPatient }: ConfiguredKeyDeps & { isPatient: boolean },
): Promise<boolean> {
  const session = await open(signal)
  const outcome = await lock.take(session)
  if (outcome.kind === 'held') return true
  session.end()
  if (outcome.kind === 'leased') status.waiting(`${lock.peerId} is reserved for ${holderText(outcome.holder)} until its lease ends`)
  if (outcome.kind === 'busy' && !isPatient) {
    throw new Error(
      `the peer id ${lock.peerId}, which p2p_private_key makes, is held by ${holderText(outcome.holder)}, and two hosts must not share one: ` +
        'stop that instance, or give this one its own key (or none, and identity_encryption_key for a key of the pool)',
    )
  }
  return false
}
