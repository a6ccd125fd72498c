import type { Clock } from '../../lifecycle/clock.ts'
import { callWithDeadline, repeat, sleep } from '../../lifecycle/time.ts'
import type { NodeStatus } from '../../messages/dialects/envelope/node-status.ts'

export interface OwnStatusOptions {
  /** Tells the peers nothing. */
  readonly isSilent?: boolean
  readonly everyMs?: number
  /** Upper bound on the time to gather a status. */
  readonly gatherMs?: number
  /** Blocks that follow each other faster share one status. */
  readonly apartMs?: number
}

export interface OwnStatusDeps {
  readonly gather: () => Promise<NodeStatus> | NodeStatus
  readonly encode: (announcement: StatusAnnouncement) => Uint8Array | undefined
  /** The rule of the peers that the status breaks: they would ban us for it. Undefined if they take it. */
  readonly sendFault: (announcement: StatusAnnouncement) => string | undefined
  readonly onRefused: (type: 'node-status', fault: string) => void
  /** Tells the peers. */
  readonly publish: (data: Uint8Array) => Promise<void>
  /** Writes it to the event log. */
  readonly record: (status: NodeStatus) => Promise<void>
  readonly onError: (error: unknown) => void
  readonly clock: Pick<Clock, 'steady'>
  readonly signal: AbortSignal
}

interface StatusAnnouncement {
  readonly type: 'node-status'
  readonly nodeStatus: NodeStatus
}

/** Tells the peers the status of the own node: at the start, every 10 s as Teranode does, and at each new best block. */
export class OwnStatus {
  readonly #options: Required<OwnStatusOptions>
  readonly #deps: OwnStatusDeps
  #reportedAt = Number.NEGATIVE_INFINITY
  #isWaiting = false
  #isRecording = false

  constructor({ isSilent = false, everyMs = 10_000, gatherMs = 5000, apartMs = 1000 }: OwnStatusOptions, deps: OwnStatusDeps) {
    this.#options = { isSilent, everyMs, gatherMs, apartMs }
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
    const { gather, clock, signal } = this.#deps
    const { isSilent, gatherMs } = this.#options
    this.#reportedAt = clock.steady()
    const status = await callWithDeadline({ ms: gatherMs, what: 'gathering the own status', signal }, async () => gather())
    this.#record(status)
    if (!isSilent) await this.#tell(status)
  }

  /** Not awaited, because the peers shall hear of us while Kafka is away. One at a time: the next one is as good. */
  #record(status: NodeStatus): void {
    if (this.#isRecording) return
    this.#isRecording = true
    const { record, onError } = this.#deps
    record(status)
      .catch(onError)
      .finally(() => {
        this.#isRecording = false
      })
  }

  async #tell(nodeStatus: NodeStatus): Promise<void> {
    const { encode, sendFault, onRefused, publish } = this.#deps
    const announcement = { type: 'node-status', nodeStatus } as const
    const data = encode(announcement)
    if (!data) return
    const fault = sendFault(announcement)
    if (fault === undefined) await publish(data)
    else onRefused('node-status', fault)
  }
}
