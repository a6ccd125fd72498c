import type { Clock } from './clock.ts'

/** How one part reports its readiness. The reason for `notReady` is a sentence that an operator can act on. */
export interface PartHealth {
  ready(detail?: string): void
  notReady(reason: string): void
}

/** `isSettling`: not ready, but for no longer than the part's patience. */
export interface PartReport {
  readonly part: string
  readonly ready: boolean
  readonly reason: string
  readonly isSettling?: boolean
}

export interface PartOptions {
  /** How long a part still counts as ready after it reported not ready. Default: 0. */
  readonly patienceMs?: number
}

/**
 * A rebalance and a change of leader last seconds and affect all instances at once. If the instances were not ready meanwhile,
 * Kubernetes would cut the whole bridge off from its browsers.
 */
export const KAFKA_PATIENCE: PartOptions = { patienceMs: 10_000 }

interface Part extends PartReport {
  readonly patienceMs: number
  /** When it stopped being ready; undefined before it was ready for the first time. */
  readonly lostAt: number | undefined
}

export interface HealthDeps {
  /** Called once for each change of state, immediately. */
  readonly onChange?: (report: PartReport) => void
  readonly clock: Pick<Clock, 'steady'>
}

/**
 * The readiness of each part, for `/readyz`. From its first `part` call a part is not ready until it reports ready, so a start that
 * hangs is visible.
 */
export class Health {
  readonly #parts = new Map<string, Part>()
  readonly #notes = new Map<string, () => string>()
  readonly #onChange: (report: PartReport) => void
  readonly #clock: Pick<Clock, 'steady'>

  constructor({ onChange = () => {}, clock }: HealthDeps) {
    this.#onChange = onChange
    this.#clock = clock
  }

  part(name: string, { patienceMs = 0 }: PartOptions = {}): PartHealth {
    const part = this.#parts.get(name) ?? { part: name, ready: false, reason: 'starting', patienceMs, lostAt: undefined }
    this.#parts.set(name, part)
    return {
      ready: (detail = 'ok') => this.#set(name, true, detail),
      notReady: (reason) => this.#set(name, false, reason),
    }
  }

  /** A line of information without effect on readiness. `text` is called for each report. */
  note(name: string, text: () => string): void {
    this.#notes.set(name, text)
  }

  report(): { ready: boolean; parts: PartReport[] } {
    const parts = [...this.#parts.values()].map((part) => this.#report(part))
    const notes = [...this.#notes].map(([part, text]) => ({ part, ready: true, reason: text() }))
    return { ready: parts.every((part) => part.ready || part.isSettling), parts: [...parts, ...notes] }
  }

  #report({ part, ready, reason, patienceMs, lostAt }: Part): PartReport {
    const isSettling = !ready && lostAt !== undefined && this.#clock.steady() - lostAt < patienceMs
    return { part, ready, reason, ...(isSettling ? { isSettling } : {}) }
  }

  #set(name: string, ready: boolean, reason: string): void {
    const before = this.#parts.get(name)
    if (!before) return
    const lostAt = before.ready ? this.#clock.steady() : before.lostAt
    this.#parts.set(name, { ...before, ready, reason, lostAt: ready ? undefined : lostAt })
    if (before.ready !== ready || (!ready && before.reason !== reason)) this.#onChange({ part: name, ready, reason })
  }
}
