import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Health } from '../lifecycle/health.ts'
import type { IdentityLostError } from '../postgres/identities/identity-lock.ts'

export interface IdentityDeps {
  readonly log: Logger
  readonly health: Health
  readonly registry: Registry
  readonly signal: AbortSignal
  /** The process is to end in order, because of this. */
  readonly fatal: (error: Error) => void
}

/** Where a key comes from that has a lock. */
export type IdentitySource = 'pool' | 'configured'

const LOST = {
  pool: 'Its host was stopped and the process ends; when it is started again, it takes a free identity as soon as Postgres answers',
  configured:
    'Its host was stopped and the process ends: give each instance a p2p_private_key of its own, or none, and identity_encryption_key for the pool',
} as const

/** The host that uses the key, for its end. */
export class IdentityUse {
  readonly #source: IdentitySource
  readonly #deps: IdentityDeps
  #host: { stop(): Promise<void> } | undefined
  #lost: Error | undefined

  constructor(source: IdentitySource, deps: IdentityDeps) {
    this.#source = source
    this.#deps = deps
  }

  begin(host: { stop(): Promise<void> }): void {
    if (this.#lost) throw this.#lost
    this.#host = host
  }

  /** The host first, because another instance may take the key before all of this process has stopped. */
  async end(error: IdentityLostError): Promise<void> {
    const { log, fatal } = this.#deps
    this.#lost = new Error(`the identity of this instance is lost: ${error.message}. ${LOST[this.#source]}`, { cause: error })
    log.error({ err: error }, 'identity lost, stopping the gossip host')
    await this.hostStopped().catch((cause: unknown) => log.error({ err: cause }, 'the gossip host did not stop'))
    log.warn('gossip host stopped, nobody hears this identity any more')
    fatal(this.#lost)
  }

  async hostStopped(): Promise<void> {
    await this.#host?.stop()
  }
}
