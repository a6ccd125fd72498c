import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import { repeat, withDeadline } from '../../lifecycle/time.ts'
import { instanceId as instanceEventId } from '../entries/event-id.ts'
import type { InstanceState, LogEvent } from '../event.ts'
import { INSTANCE_RECORD_EVERY_MS } from '../timings.ts'
import type { InstanceIdGuard } from './instance-id-guard.ts'
import type { Pulse } from './pulse.ts'

export interface InstanceAnnouncerOptions {
  readonly network: string
  readonly bridgeId: string
  readonly instanceId: string
  /** Names this process: see InstanceState. */
  readonly startId: string
  readonly version: string
  readonly dialect: string
  /** The own peer id; null for an instance without a libp2p host. */
  readonly peerId: string | null
}

export interface InstanceAnnouncerDeps {
  readonly append: (event: LogEvent) => Promise<unknown>
  readonly pulse: Pulse
  readonly guard: Pick<InstanceIdGuard, 'onNewcomer' | 'refuseIfTaken'>
  readonly log: Pick<Logger, 'debug'>
  readonly clock: Pick<Clock, 'wall'>
}

/** Siblings forget an instance after a while anyway, so a stop does not wait long for its last record. */
const LAST_RECORD_MS = 1000

/**
 * Tells all readers of the event log that this instance is alive, and under which peer id: before gossip starts, every minute, and once
 * as `gone` when it stops. All readers learn of siblings this way, in the same order. A process that appears with the same instance id
 * gets an answer at once: another record.
 */
export class InstanceAnnouncer {
  readonly #options: InstanceAnnouncerOptions
  readonly #deps: InstanceAnnouncerDeps
  readonly #ended = new AbortController()
  #repeating: Promise<void> | undefined
  #undo: (() => void) | undefined

  constructor(options: InstanceAnnouncerOptions, deps: InstanceAnnouncerDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Resolves when the first record is acknowledged. Rejects if an earlier process with the same instance id lives. */
  async start(): Promise<void> {
    const { guard } = this.#deps
    this.#undo = guard.onNewcomer(() => void this.#write('live').catch((error: unknown) => this.#failed(error)))
    await this.#write('live')
    try {
      await guard.refuseIfTaken(this.#ended.signal)
    } catch (error) {
      this.#undo()
      await this.#writeLast()
      throw error
    }
    const options = { everyMs: INSTANCE_RECORD_EVERY_MS, signal: this.#ended.signal, onError: (error: unknown) => this.#failed(error) }
    this.#repeating = repeat(options, () => this.#write('live'))
  }

  async stop(): Promise<void> {
    this.#ended.abort()
    this.#undo?.()
    if (!this.#repeating) return
    await this.#writeLast()
  }

  async #writeLast(): Promise<void> {
    await withDeadline(this.#write('gone'), LAST_RECORD_MS, 'the last instance record').catch((error: unknown) => this.#failed(error))
  }

  #failed(error: unknown): void {
    this.#deps.log.debug({ err: error }, 'the instance record was not written')
  }

  async #write(state: InstanceState['state']): Promise<void> {
    const { network, bridgeId, instanceId, startId, version, dialect, peerId } = this.#options
    const { append, pulse, clock } = this.#deps
    const receivedAt = clock.wall()
    const instance: InstanceState = { instanceId, startId, peerId, version, dialect, state }
    const id = instanceEventId(network, bridgeId, { instanceId, startId, state, receivedAt })
    pulse.began(id)
    await append({ id, network, bridgeId, origin: 'own', peerId: null, receivedAt, type: 'instance', instance })
    pulse.passed('event-log', id)
  }
}
