import type { Logger } from 'pino'
import type { PartHealth } from '../lifecycle/health.ts'

/** Where a locked key comes from. */
export type IdentitySource = 'pool' | 'configured'

export interface IdentityStatusDeps {
  readonly log: Logger
  readonly health: PartHealth
  /** `bridge_identity_held` and `bridge_identity_lock_losses_total`. */
  readonly metrics: { setHeld(isHeld: boolean): void; countLoss(): void }
}

const UNHELD = {
  pool: 'it is taken again as soon as Postgres answers; after half of identity_lease without it the host is stopped and the process ends',
  configured: 'the host runs on, and nothing keeps a second one from using p2p_private_key until Postgres answers',
} as const

const LOST = {
  pool: 'Its host was stopped and the process ends; when it is started again, it takes a free identity as soon as Postgres answers',
  configured:
    'Its host was stopped and the process ends: give each instance a p2p_private_key of its own, or none, and identity_encryption_key for the pool',
} as const

/** Reports the state of the key's lock to operators: part `identity` of health, metrics, log. */
export class IdentityStatus {
  readonly #source: IdentitySource
  readonly #deps: IdentityStatusDeps

  constructor(source: IdentitySource, deps: IdentityStatusDeps) {
    this.#source = source
    this.#deps = deps
  }

  held(peerId: string): void {
    this.#deps.metrics.setHeld(true)
    this.#deps.health.ready(`${peerId}, held by this instance alone`)
  }

  waiting(reason: string): void {
    this.#deps.health.notReady(reason)
  }

  /** A lock that was held is no longer certain. */
  lockLost(error: Error): void {
    this.#deps.metrics.countLoss()
    this.unheld(error)
  }

  /** The host runs, or may start, without the lock. */
  unheld(error: Error): void {
    const { log, health, metrics } = this.#deps
    metrics.setHeld(false)
    health.ready(`the lock of the identity is gone (${error.message}): ${UNHELD[this.#source]}`)
    log.warn({ err: error }, `the lock of the identity is gone: ${UNHELD[this.#source]}`)
  }

  /** The key must no longer be used. Returns the error with which the process ends. */
  lost(cause: Error): Error {
    this.#deps.metrics.setHeld(false)
    this.#deps.health.notReady(`lost: ${cause.message}`)
    return new Error(`the identity of this instance is lost: ${cause.message}. ${LOST[this.#source]}`, { cause })
  }
}
