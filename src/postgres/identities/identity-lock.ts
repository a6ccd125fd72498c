import { setTimeout as delay } from 'node:timers/promises'
import type { HoldOutcome, IdentitySession } from './identity-session.ts'
import type { IdentityHolder } from './identity-store.ts'

export interface IdentityLockOptions {
  readonly peerId: string
  /**
   * With a lease, nobody takes the key before its end, and it is lost here well before that. Without one (null) its holder
   * goes on while Postgres is away, and loses it only to another one that has it.
   */
  readonly leaseMs: number | null
  readonly renewEachMs: number
}

export interface IdentityLockDeps {
  readonly open: (signal: AbortSignal) => Promise<Pick<IdentitySession, 'ended' | 'hold' | 'renew' | 'release' | 'end'>>
  readonly onHeld: () => void
  /** Held by nobody for certain; it is taken back as soon as that can be done. */
  readonly onUnheld: (error: Error) => void
  /** The key must not be used any more. Called once, and nothing after it. */
  readonly onLost: (error: IdentityLostError) => void
  /** Two clocks, because one of them stands still while the machine sleeps, and the other one can be set. */
  readonly clocks?: readonly (() => number)[]
}

type Session = Awaited<ReturnType<IdentityLockDeps['open']>>

/** The identity of this process is not its own any more. */
export class IdentityLostError extends Error {
  override readonly name = 'IdentityLostError'
  readonly code = 'BRIDGE_IDENTITY_LOST'
}

const FIRST_RETRY_MS = 50
const LONGEST_RETRY_MS = 1000

/** The share of the lease after which its holder gives up; the rest is for the stop of its host. */
const SURE_SHARE = 1 / 2

/** Keeps one key held: proves it again and again, takes it back after a lost connection, and says when it is lost. */
export class IdentityLock {
  readonly #options: IdentityLockOptions
  readonly #deps: IdentityLockDeps
  readonly #clocks: readonly (() => number)[]
  readonly #stopped = new AbortController()
  #session: Session | undefined
  /** When the last request that was answered was sent, by each clock. */
  #provenAt: readonly number[] = []
  #watch: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #isLost = false

  constructor(options: IdentityLockOptions, deps: IdentityLockDeps) {
    this.#options = options
    this.#deps = deps
    this.#clocks = deps.clocks ?? [() => performance.now(), Date.now]
  }

  /** One attempt. When it is held, it is kept from then on. */
  async take(session: Session): Promise<HoldOutcome> {
    const askedAt = this.#now()
    const outcome = await session.hold(this.#options.peerId, this.#options.leaseMs)
    if (outcome.kind === 'held') {
      this.#session = session
      this.#provenAt = askedAt
    }
    return outcome
  }

  /** After a successful `take`, or without one: then it is taken as soon as that can be done. */
  start(): void {
    if (this.#session) this.#deps.onHeld()
    this.#running ??= this.#run()
    const { leaseMs } = this.#options
    if (leaseMs !== null) this.#watch = setInterval(() => this.#check(leaseMs), Math.min(1000, leaseMs / 20))
  }

  /** `isUnused`: no host runs with the key any more, so that the next one may take it at once. */
  async stop({ isUnused }: { isUnused: boolean }): Promise<void> {
    this.#stopped.abort()
    clearInterval(this.#watch)
    await this.#running
    if (isUnused) await this.#session?.release().catch(() => {}) // then it is free when the lease ends
    this.#session?.end()
  }

  /** False from the moment on at which another one might have it. */
  isSure(): boolean {
    const { leaseMs } = this.#options
    return !this.#isLost && (leaseMs === null || this.#elapsed() < leaseMs * SURE_SHARE)
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped
    let retryMs = FIRST_RETRY_MS
    while (!signal.aborted) {
      try {
        this.#session ??= await this.#takeBack()
        retryMs = FIRST_RETRY_MS
        await this.#renewUntilItFails(this.#session)
      } catch (error) {
        if (signal.aborted) return
        if (this.#session) this.#deps.onUnheld(toError(error))
        this.#session?.end()
        this.#session = undefined
        if (error instanceof IdentityLostError) return this.#lose(error)
        await delay(retryMs, undefined, { signal }).catch(() => {})
        retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)
      }
    }
  }

  async #takeBack(): Promise<Session> {
    const session = await this.#deps.open(this.#stopped.signal)
    try {
      const outcome = await this.take(session)
      this.#stopped.signal.throwIfAborted() // lost or stopped meanwhile
      if (outcome.kind === 'held') {
        this.#deps.onHeld()
        return session
      }
      if (!('holder' in outcome)) throw new Error('an earlier session of this process holds the identity still, it is being ended')
      throw new IdentityLostError(`${this.#options.peerId} is now held by ${holderText(outcome.holder)}`)
    } catch (error) {
      session.end()
      throw error
    }
  }

  async #renewUntilItFails(session: Session): Promise<never> {
    const pause = AbortSignal.any([this.#stopped.signal, session.ended])
    for (;;) {
      await delay(this.#options.renewEachMs, undefined, { signal: pause }).catch(() => {})
      pause.throwIfAborted()
      const askedAt = this.#now()
      await session.renew()
      this.#provenAt = askedAt
    }
  }

  /** Also what a process does first that was frozen: this timer is due when it wakes up. */
  #check(leaseMs: number): void {
    if (this.isSure()) return
    const silentS = Math.round(this.#elapsed() / 1000)
    this.#lose(
      new IdentityLostError(
        `Postgres has not confirmed for ${silentS} s that ${this.#options.peerId} is ours, and in ${Math.max(0, Math.round((leaseMs - this.#elapsed()) / 1000))} s another instance may take it`,
      ),
    )
  }

  #lose(error: IdentityLostError): void {
    if (this.#isLost || this.#stopped.signal.aborted) return
    this.#isLost = true
    this.#stopped.abort()
    clearInterval(this.#watch)
    this.#deps.onLost(error)
  }

  #now(): number[] {
    return this.#clocks.map((clock) => clock())
  }

  #elapsed(): number {
    return Math.max(...this.#now().map((now, at) => now - (this.#provenAt[at] ?? Number.NEGATIVE_INFINITY)))
  }
}

/** Names the holder for a sentence. */
export function holderText(holder: IdentityHolder | null): string {
  return holder
    ? `the instance ${holder.instanceId} on ${holder.host} (since ${holder.since.toISOString()})`
    : 'another session of the database, of which nothing is known'
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
