import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import type { PartHealth } from '../../lifecycle/health.ts'
import { repeat, sleep } from '../../lifecycle/time.ts'
import type { LogEvent } from '../event.ts'
import { INSTANCE_RECORD_LIFETIME_MS } from '../timings.ts'
import { ForeignInstances } from './foreign-instances.ts'

/** The settings that distinguish the event logs of two bridges. */
export interface OwnBridge {
  readonly bridgeId: string
  readonly network: string
  readonly dialect: string
}

export interface OwnershipDeps {
  readonly health: PartHealth
  readonly log: Logger
  readonly clock: Pick<Clock, 'steady'>
}

const LOOK_EACH_MS = 500
const CONSEQUENCE = 'events of another network are not shown or sent to validation here'

/**
 * Whether the event log belongs to this bridge: it does, unless instances of another bridge are alive in it. A bridge that starts on an
 * event log in which only another bridge is alive writes nothing: most likely its settings are wrong, and its records would tell the
 * rightful bridge that the event log is not its own.
 */
export class Ownership {
  readonly #own: OwnBridge
  readonly #deps: OwnershipDeps
  readonly #foreign: ForeignInstances
  readonly #ended = new AbortController()
  #hasOwn = false
  #said: string | undefined
  #isLooking = false

  constructor(own: OwnBridge, deps: OwnershipDeps) {
    this.#own = own
    this.#deps = deps
    this.#foreign = new ForeignInstances({ recordLifetimeMs: INSTANCE_RECORD_LIFETIME_MS }, { now: () => deps.clock.steady() })
    deps.health.ready()
  }

  /** Whether an instance of this bridge wrote the event. */
  isOurs({ bridgeId, network }: LogEvent): boolean {
    return bridgeId === this.#own.bridgeId && network === this.#own.network
  }

  /** Observes an instance record: it says which instance is alive in the event log. */
  observe(event: Extract<LogEvent, { type: 'instance' }>): void {
    if (this.isOurs(event)) this.#hasOwn = true
    const reason = this.#strangeness(event)
    if (reason === undefined) return
    this.#foreign.observe(event.instance.instanceId, event.instance.state, reason)
    this.#look()
  }

  /** The event log was created again. */
  restart(): void {
    this.#foreign.restart()
    this.#look()
  }

  /** Resolves when this bridge may write. Rejects at `stop`. */
  async untilOurs(): Promise<void> {
    const { signal } = this.#ended
    while (!this.#hasOwn && this.#foreign.reason() !== undefined) {
      await sleep(LOOK_EACH_MS, signal)
      signal.throwIfAborted()
    }
  }

  stop(): void {
    this.#ended.abort(new Error('the event log has stopped'))
  }

  #strangeness({ bridgeId, network, instance }: Extract<LogEvent, { type: 'instance' }>): string | undefined {
    const { own, found } = { own: this.#own, found: { bridgeId, network, dialect: instance.dialect } }
    const settings = { bridgeId: 'bridge_id', network: 'network', dialect: 'gossip_dialect' } as const
    for (const name of ['bridgeId', 'network', 'dialect'] as const) {
      if (found[name] === own[name]) continue
      return (
        `the event log belongs to another bridge: an instance record there has ${settings[name]} ${JSON.stringify(found[name])}, ` +
        `this bridge has ${JSON.stringify(own[name])}; give each bridge a topic_prefix of its own`
      )
    }
    return undefined
  }

  #look(): void {
    const { health, log } = this.#deps
    const reason = this.#foreign.reason()
    if (reason !== undefined && this.#said === undefined) log.error(reason)
    if (reason !== undefined && reason !== this.#said) health.notReady(`${reason}; ${CONSEQUENCE}`)
    if (reason === undefined && this.#said !== undefined) health.ready()
    this.#said = reason
    if (reason !== undefined && !this.#isLooking) void this.#lookOn()
  }

  /** Waits until the records of the foreign instances have expired. */
  async #lookOn(): Promise<void> {
    this.#isLooking = true
    const settled = new AbortController()
    const end = () => settled.abort()
    this.#ended.signal.addEventListener('abort', end)
    await repeat({ everyMs: LOOK_EACH_MS, signal: settled.signal, onError: () => {} }, () => {
      this.#look()
      if (this.#said === undefined) end()
    })
    this.#ended.signal.removeEventListener('abort', end)
    this.#isLooking = false
  }
}
