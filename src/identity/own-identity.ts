import type { Logger } from 'pino'
import type { IdentityLock } from './lock.ts'
import type { Identity } from './ports.ts'
import type { IdentityStatus } from './status.ts'

/** The part that uses the key on the network. */
interface Host {
  stop(): Promise<void>
}

/** The key of this process, and the guard against a second host that uses it. */
export interface OwnIdentity {
  readonly identity: Identity
  /** `host` or `host:port`, from the key or from the settings. */
  readonly advertiseAddresses: readonly string[]
  /** False as soon as another instance might have the key, also right after a freeze or suspend. */
  isSure(): boolean
  /** Stops the host as soon as another instance might have the key. Throws if the key is already lost. */
  guard(host: Host): void
  /** Stops the host, then gives the key back. */
  stop(): Promise<void>
}

/** A key without a lock: no Postgres, or a key created for this process only. */
export function unguardedIdentity(identity: Identity, advertiseAddresses: readonly string[]): OwnIdentity {
  return { identity, advertiseAddresses, isSure: () => true, guard: () => {}, stop: async () => {} }
}

export interface LockedIdentityOptions {
  readonly identity: Identity
  readonly advertiseAddresses: readonly string[]
}

export interface LockedIdentityDeps {
  readonly lock: IdentityLock
  readonly status: IdentityStatus
  readonly log: Logger
  /** Ends the process with a graceful shutdown. */
  readonly fatal: (error: Error) => void
  /** Closes the store, after the lock was given back. */
  readonly closeStore: () => Promise<void>
}

/** A key with its lock. When the lock is lost, the host is stopped before anything else. */
export class LockedIdentity implements OwnIdentity {
  readonly identity: Identity
  readonly advertiseAddresses: readonly string[]
  readonly #deps: LockedIdentityDeps
  #host: Host | undefined
  #lost: Error | undefined

  constructor({ identity, advertiseAddresses }: LockedIdentityOptions, deps: LockedIdentityDeps) {
    this.identity = identity
    this.advertiseAddresses = advertiseAddresses
    this.#deps = deps
  }

  start(): void {
    const { lock, status } = this.#deps
    lock.start({
      held: () => status.held(lock.peerId),
      unheld: (error) => status.lockLost(error),
      lost: (error) => void this.#end(error),
    })
  }

  isSure(): boolean {
    return this.#deps.lock.isSure()
  }

  guard(host: Host): void {
    if (this.#lost) throw this.#lost
    this.#host = host
  }

  async stop(): Promise<void> {
    const isUnused = await this.#stopHost()
    await this.#deps.lock.stop({ isUnused })
    await this.#deps.closeStore()
  }

  /** Stops the host first, because another instance may take the key before this process has ended. */
  async #end(cause: Error): Promise<void> {
    const { status, log, fatal } = this.#deps
    this.#lost = status.lost(cause)
    log.error({ err: cause }, 'identity lost, stopping the gossip host')
    if (await this.#stopHost()) log.warn('gossip host stopped, the identity is not used any more')
    fatal(this.#lost)
  }

  async #stopHost(): Promise<boolean> {
    try {
      await this.#host?.stop()
      return true
    } catch (error) {
      this.#deps.log.error({ err: error }, 'the gossip host did not stop')
      return false
    }
  }
}
