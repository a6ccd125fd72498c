import type { Clock } from '../lifecycle/clock.ts'
import { createBackOff, repeat, sleep, unlessAborted } from '../lifecycle/time.ts'
import type { HoldOutcome, IdentityHolder, IdentitySession, OpenSession } from './ports.ts'

export interface IdentityLockOptions {
  readonly peerId: string
  /**
   * With a lease, no other instance takes the key before the lease ends, and we give the key up well before that. Without one (null)
   * we keep the key while the store is unavailable, and lose it only to an instance that holds it.
   */
  readonly leaseMs: number | null
  readonly renewEachMs: number
}

export interface IdentityLockDeps {
  readonly open: OpenSession
  readonly clock: Pick<Clock, 'boot'>
}

/** Receives the changes of the lock. */
export interface IdentityLockListener {
  held(): void
  /** The lock is no longer certain; it is taken again as soon as possible. */
  unheld(error: Error): void
  /** The key must no longer be used. Called once; no call follows it. */
  lost(error: IdentityLostError): void
}

/** This process has lost its identity. */
export class IdentityLostError extends Error {
  override readonly name = 'IdentityLostError'
  readonly code = 'BRIDGE_IDENTITY_LOST'
}

const LONGEST_ANSWER_MS = 5000
const ANSWERS_IN_A_LEASE = 6
const FIRST_RETRY_MS = 50
const LONGEST_RETRY_MS = 1000

/** Part of the lease after which we give the key up. The rest is for stopping the host. */
const SURE_SHARE = 1 / 2

/**
 * Keeps one key locked: confirms the lock regularly, takes it again after a lost connection, and reports its loss. The boot clock
 * measures the age of the last confirmation: changes of the wall clock have no effect, and time in suspend counts, because the
 * lease in the store runs on.
 */
export class IdentityLock {
  readonly #options: IdentityLockOptions
  readonly #deps: IdentityLockDeps
  readonly #stopped = new AbortController()
  #listener: IdentityLockListener | undefined
  #session: IdentitySession | undefined
  /** When the last answered request was sent. */
  #confirmedAt = Number.NEGATIVE_INFINITY
  #running: Promise<unknown> | undefined
  #isLost = false

  constructor(options: IdentityLockOptions, deps: IdentityLockDeps) {
    this.#options = options
    this.#deps = deps
  }

  get peerId(): string {
    return this.#options.peerId
  }

  /** One attempt. When the outcome is `held`, the session belongs to this lock. */
  async take(session: IdentitySession): Promise<HoldOutcome> {
    const askedAt = this.#deps.clock.boot()
    const outcome = await session.hold(this.#options.peerId, this.#options.leaseMs)
    if (outcome.kind === 'held') {
      this.#session = session
      this.#confirmedAt = askedAt
    }
    return outcome
  }

  /** Keeps the lock from now on. Takes it as soon as possible if no `take` has succeeded. */
  start(listener: IdentityLockListener): void {
    this.#listener = listener
    if (this.#session) listener.held()
    this.#running ??= Promise.all([this.#keep(), this.#watch()])
  }

  /** `isUnused`: no host uses the key, so the next instance may take it at once. */
  async stop({ isUnused }: { isUnused: boolean }): Promise<void> {
    this.#stopped.abort()
    await this.#running
    if (isUnused) await this.#session?.release().catch(() => {}) // on failure the key becomes free when its lease ends
    this.#session?.end()
  }

  /** False as soon as another instance might have the key. */
  isSure(): boolean {
    const { leaseMs } = this.#options
    return !this.#isLost && (leaseMs === null || this.#age() < leaseMs * SURE_SHARE)
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stopped
    const backOff = createBackOff(FIRST_RETRY_MS, LONGEST_RETRY_MS)
    while (!signal.aborted) {
      try {
        this.#session ??= await this.#takeAgain()
        backOff.reset()
        await this.#renewUntilItFails(this.#session)
      } catch (error) {
        if (signal.aborted) return
        if (this.#session) this.#listener?.unheld(toError(error))
        this.#session?.end()
        this.#session = undefined
        if (error instanceof IdentityLostError) return this.#lose(error)
        await sleep(backOff.next(), signal)
      }
    }
  }

  async #takeAgain(): Promise<IdentitySession> {
    const session = await this.#deps.open(this.#stopped.signal)
    try {
      const outcome = await this.take(session)
      this.#stopped.signal.throwIfAborted() // lost or stopped meanwhile
      if (outcome.kind === 'held') {
        this.#listener?.held()
        return session
      }
      if (!('holder' in outcome)) throw new Error('an earlier session of this process still holds the identity; it is being ended')
      throw new IdentityLostError(`${this.#options.peerId} is now held by ${holderText(outcome.holder)}`)
    } catch (error) {
      session.end()
      throw error
    }
  }

  async #renewUntilItFails(session: IdentitySession): Promise<never> {
    const { signal } = this.#stopped
    for (;;) {
      await unlessAborted(sleep(this.#options.renewEachMs, session.ended), signal)
      session.ended.throwIfAborted()
      const askedAt = this.#deps.clock.boot()
      await session.renew()
      this.#confirmedAt = askedAt
    }
  }

  /** Runs first in a process that was frozen or suspended: the timer is due when it wakes up. */
  async #watch(): Promise<void> {
    const { leaseMs } = this.#options
    if (leaseMs === null) return
    const { signal } = this.#stopped
    const onError = () => {}
    await repeat({ everyMs: Math.min(1000, leaseMs / 20), signal, onError }, () => {
      if (!this.isSure()) this.#lose(this.#unconfirmed(leaseMs))
    })
  }

  #unconfirmed(leaseMs: number): IdentityLostError {
    const age = this.#age()
    const leftSeconds = Math.max(0, Math.round((leaseMs - age) / 1000))
    return new IdentityLostError(
      `Postgres has not confirmed for ${Math.round(age / 1000)} s that ${this.#options.peerId} is ours, ` +
        `and in ${leftSeconds} s another instance may take it`,
    )
  }

  #lose(error: IdentityLostError): void {
    if (this.#isLost || this.#stopped.signal.aborted) return
    this.#isLost = true
    this.#stopped.abort()
    this.#listener?.lost(error)
  }

  #age(): number {
    return this.#deps.clock.boot() - this.#confirmedAt
  }
}

/** Names the holder in a sentence. */
export function holderText(holder: IdentityHolder | null): string {
  return holder
    ? `the instance ${holder.instanceId} on ${holder.host} (since ${holder.since.toISOString()})`
    : 'an unknown session of the database'
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

/** Upper bound on the time of one answer of the store: several attempts to renew fit into a lease. */
export function answerDeadlineMs(leaseMs: number): number {
  return Math.min(LONGEST_ANSWER_MS, leaseMs / ANSWERS_IN_A_LEASE)
}
