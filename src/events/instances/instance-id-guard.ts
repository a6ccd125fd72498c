import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import type { PartHealth } from '../../lifecycle/health.ts'
import { Listeners } from '../../lifecycle/listeners.ts'
import { sleep } from '../../lifecycle/time.ts'
import type { InstanceState } from '../event.ts'
import type { EventEntry } from '../reading/read-events.ts'
import type { EventLogSubscriber } from '../reading/subscribers.ts'
import { INSTANCE_RECORD_LIFETIME_MS, INSTANCE_RECORD_ANSWER_MS as LONGEST_ANSWER_MS } from '../timings.ts'

export interface InstanceIdGuardOptions {
  readonly bridgeId: string
  readonly network: string
  readonly instanceId: string
  /** Names this process: see InstanceState. */
  readonly startId: string
}

export interface InstanceIdGuardDeps {
  readonly health: PartHealth
  readonly log: Pick<Logger, 'error' | 'info'>
  readonly clock: Pick<Clock, 'steady'>
}

/** Another process of this bridge has our `instance_id` and lives. */
export class InstanceIdTakenError extends Error {
  override readonly name = 'InstanceIdTakenError'
  readonly code = 'BRIDGE_INSTANCE_ID_TAKEN'
}

interface OtherProcess {
  readonly instance: InstanceState
  /** Offset of its first record that we know. */
  readonly firstOffset: bigint
  /** The broker's time of its last record. */
  readonly timestamp: number
  /** When its last record came by. */
  readonly at: number
  /** False while all its records are from before our start: it may have ended without a last record. */
  readonly isAlive: boolean
}

/** More processes with one id are not told apart: the fault is said by then. */
const MAX_PROCESSES = 100
const STEP_MS = 20

/**
 * Detects other processes with our `instance_id`, by their instance records. A process that hears of another one for the first time
 * writes its own record at once, so a process that starts learns within a second whether an earlier process with its id still lives. The
 * earlier one stays, the later one is refused.
 */
export class InstanceIdGuard {
  readonly #options: InstanceIdGuardOptions
  readonly #deps: InstanceIdGuardDeps
  readonly #others = new Map<string, OtherProcess>()
  readonly #newcomers = new Listeners()
  #own: Pick<EventEntry, 'offset' | 'timestamp'> | undefined
  #isSaid = false

  constructor(options: InstanceIdGuardOptions, deps: InstanceIdGuardDeps) {
    this.#options = options
    this.#deps = deps
    deps.health.ready()
  }

  /** Follows the event log from before its start on; returns the undo. */
  follow(eventLog: { subscribe(subscriber: EventLogSubscriber): () => void }): () => void {
    return eventLog.subscribe({
      onEntries: ({ entries, isReadBack }) => {
        for (const entry of entries) this.#observe(entry, !isReadBack)
      },
    })
  }

  /** Calls the listener when another process with our id is heard for the first time; returns the undo. */
  onNewcomer(listener: () => void): () => void {
    return this.#newcomers.add(listener)
  }

  /**
   * Call it when the first own record is acknowledged. Throws InstanceIdTakenError if an earlier process with our id lives. Waits for an
   * answer, a second at most, only if such a process has ended without a last record or lives.
   */
  async refuseIfTaken(signal: AbortSignal): Promise<void> {
    const { steady } = this.#deps.clock
    const until = steady() + LONGEST_ANSWER_MS
    while (!signal.aborted && steady() < until && this.#isUndecided()) await sleep(STEP_MS, signal)
    const earlier = this.#earlier()
    const taken = earlier.find(([, { isAlive }]) => isAlive)
    if (taken) throw new InstanceIdTakenError(`another process is running with ${this.#sentence(taken[1])}`)
    for (const [startId] of earlier) this.#others.delete(startId) // it has ended without a last record
    this.#look()
  }

  /** Whether another process with our id is alive, as far as we know. */
  isShared(): boolean {
    return this.#alive() !== undefined
  }

  #observe(entry: EventEntry, isAlive: boolean): void {
    const { event } = entry
    const { bridgeId, network, instanceId, startId } = this.#options
    if (event.type !== 'instance' || event.bridgeId !== bridgeId || event.network !== network) return
    if (event.instance.instanceId === instanceId) {
      if (event.instance.startId === startId) this.#own ??= entry
      else this.#heard(event.instance, entry, isAlive)
    }
    if (isAlive) this.#look() // also at siblings' and own records: the age of the last one may be over
  }

  #heard(instance: InstanceState, { offset, timestamp }: EventEntry, isAlive: boolean): void {
    const startId = instance.startId ?? ''
    const known = this.#others.get(startId)
    this.#others.delete(startId)
    if (instance.state === 'gone') return
    if (this.#others.size >= MAX_PROCESSES) return
    this.#others.set(startId, { instance, timestamp, firstOffset: known?.firstOffset ?? offset, at: this.#deps.clock.steady(), isAlive })
    if (isAlive && !known?.isAlive) this.#newcomers.emit()
  }

  /** The processes with our id that were there before our first record, and wrote not long before it. */
  #earlier(): [startId: string, OtherProcess][] {
    const own = this.#own
    if (!own) return []
    const oldest = own.timestamp - INSTANCE_RECORD_LIFETIME_MS
    return [...this.#others].filter(([, { firstOffset, timestamp }]) => firstOffset < own.offset && timestamp >= oldest)
  }

  #isUndecided(): boolean {
    if (!this.#own) return true
    const earlier = this.#earlier()
    return earlier.length > 0 && !earlier.some(([, { isAlive }]) => isAlive)
  }

  #alive(): OtherProcess | undefined {
    const oldest = this.#deps.clock.steady() - INSTANCE_RECORD_LIFETIME_MS
    for (const [startId, { at }] of this.#others) if (at < oldest) this.#others.delete(startId)
    return [...this.#others.values()].find(({ isAlive }) => isAlive)
  }

  #look(): void {
    const { health, log } = this.#deps
    const other = this.#alive()
    if (other && !this.#isSaid) log.error(`another process is running with ${this.#sentence(other)}`)
    if (!other && this.#isSaid) log.info('no other process has our instance_id any more')
    if (other) health.ready(`another process is running with ${this.#sentence(other)}`)
    else if (this.#isSaid) health.ready()
    this.#isSaid = other !== undefined
  }

  #sentence({ instance: { peerId, version } }: OtherProcess): string {
    return (
      `the instance_id ${JSON.stringify(this.#options.instanceId)} (peer id ${peerId ?? 'none'}, version ${version}): ` +
      'give each process an instance_id of its own, or leave it unset'
    )
  }
}
