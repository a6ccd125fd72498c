import { setTimeout as delay } from 'node:timers/promises'
import type { OutgoingRecord } from '../../kafka/record.ts'
import type { InstanceState, LogEvent } from '../event.ts'

export interface AnnounceInstanceOptions {
  readonly network: string
  readonly bridgeId: string
  readonly instanceId: string
  readonly version: string
  readonly dialect: string
  readonly everyMs: number
}

export interface AnnounceInstanceDeps {
  /** The own peer id; null for an instance that has no libp2p host. */
  readonly peerId: () => string | null
  readonly eventId: (record: { instanceId: string; state: string; receivedAt: number }) => string
  readonly toRecord: (event: LogEvent) => OutgoingRecord
  readonly send: (record: OutgoingRecord) => Promise<unknown>
  readonly onError: (error: unknown) => void
  readonly now: () => number
}

/** Siblings forget an instance by themselves, so a stop does not wait long for Kafka to take its last word. */
const LAST_WORD_MS = 1000

/**
 * Tells everyone who reads the log that this instance lives, under which peer id: before it hears anything, each minute,
 * and once more as `gone` when it stops. Siblings are known from here, in the same order for all.
 */
export class InstanceAnnouncer {
  readonly #options: AnnounceInstanceOptions
  readonly #deps: AnnounceInstanceDeps
  #timer: NodeJS.Timeout | undefined

  constructor(options: AnnounceInstanceOptions, deps: AnnounceInstanceDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Resolves when the first record is acknowledged. */
  async start(): Promise<void> {
    await this.#write('live')
    this.#timer = setInterval(() => {
      this.#write('live').catch(this.#deps.onError)
    }, this.#options.everyMs)
  }

  async stop(): Promise<void> {
    if (!this.#timer) return
    clearInterval(this.#timer)
    this.#timer = undefined
    const limit = new AbortController()
    const said = this.#write('gone').catch(this.#deps.onError)
    await Promise.race([said, delay(LAST_WORD_MS, undefined, { signal: limit.signal }).catch(() => {})])
    limit.abort()
  }

  async #write(state: InstanceState['state']): Promise<void> {
    const { network, bridgeId, instanceId, version, dialect } = this.#options
    const receivedAt = this.#deps.now()
    const instance: InstanceState = { instanceId, peerId: this.#deps.peerId(), version, dialect, state }
    const id = this.#deps.eventId({ instanceId, state, receivedAt })
    const event: LogEvent = { id, network, bridgeId, origin: 'own', peerId: null, receivedAt, type: 'instance', instance }
    await this.#deps.send(this.#deps.toRecord(event))
  }
}
