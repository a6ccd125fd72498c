import type { Clock } from '../lifecycle/clock.ts'
import { callWithDeadline, repeat, sleep } from '../lifecycle/time.ts'
import type { NodeStatus } from '../messages/dialects/envelope/node-status.ts'

export interface OwnStatusOptions {
  readonly everyMs?: number
  /** Upper bound on the time to gather a status. */
  readonly gatherMs?: number
  /** Blocks that follow each other faster share one status. */
  readonly apartMs?: number
}

export interface OwnStatusDeps {
  readonly gather: () => Promise<NodeStatus> | NodeStatus
  /** Tells the peers. */
  readonly publish: (status: NodeStatus) => Promise<void>
  /** Writes it to the event log. */
  readonly record: (status: NodeStatus) => Promise<void>
  readonly onError: (error: unknown) => void
  readonly clock: Pick<Clock, 'steady'>
  readonly signal: AbortSignal
}

/** Tells the peers the status of the own node: at the start, every 10 s as Teranode does, and at each new best block. */
export class OwnStatus {
  readonly #options: Required<OwnStatusOptions>
  readonly #deps: OwnStatusDeps
  #reportedAt = Number.NEGATIVE_INFINITY
  #isWaiting = false

  constructor({ everyMs = 10_000, gatherMs = 5000, apartMs = 1000 }: OwnStatusOptions, deps: OwnStatusDeps) {
    this.#options = { everyMs, gatherMs, apartMs }
    this.#deps = deps
  }

  /** Resolves when the signal has aborted. */
  async run(): Promise<void> {
    const { signal, onError } = this.#deps
    await repeat({ everyMs: this.#options.everyMs, isFirstNow: true, signal, onError }, () => this.#report())
  }

  /** The own node has a new best block. */
  async tipChanged(): Promise<void> {
    const { clock, signal, onError } = this.#deps
    if (this.#isWaiting) return
    this.#isWaiting = true
    await sleep(Math.max(0, this.#reportedAt + this.#options.apartMs - clock.steady()), signal)
    this.#isWaiting = false
    if (!signal.aborted) await this.#report().catch(onError)
  }

  async #report(): Promise<void> {
    const { gather, publish, record, clock, signal } = this.#deps
    this.#reportedAt = clock.steady()
    const status = await callWithDeadline({ ms: this.#options.gatherMs, what: 'gathering the own status', signal }, async () => gather())
    const outcomes = await Promise.allSettled([publish(status), record(status)])
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }
}
