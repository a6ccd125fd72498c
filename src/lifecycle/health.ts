/** What one part says of itself. `notReady` takes a sentence that an operator can act on. */
export interface PartHealth {
  ready(detail?: string): void
  notReady(reason: string): void
}

/** `isSettling`: not ready for so short a time that it does not count yet. */
export interface PartReport {
  readonly part: string
  readonly ready: boolean
  readonly reason: string
  readonly isSettling?: boolean
}

export interface PartOptions {
  /** A part that was ready counts as ready for so long after it said otherwise. 0 where nothing is said: at once. */
  readonly patienceMs?: number
}

/**
 * A consumer group that rebalances and a partition that gets another leader are back within seconds, and meet all
 * instances at once: were they not ready meanwhile, Kubernetes would take the whole bridge away from its browsers.
 */
export const KAFKA_PATIENCE: PartOptions = { patienceMs: 10_000 }

interface Part extends PartReport {
  readonly patienceMs: number
  /** Since when it is not ready, though it was; undefined before it was ready for the first time. */
  readonly lostAt: number | undefined
}

/**
 * The parts' own words on whether they can do their work, for `/readyz`. A part is not ready from the moment it first asks
 * for its entry until it says otherwise, so a start that hangs is visible. `onChange` hears each change of state once, at once.
 */
export class Health {
  readonly #parts = new Map<string, Part>()
  readonly #notes = new Map<string, () => string>()
  readonly #onChange: (report: PartReport) => void
  readonly #now: () => number

  constructor(onChange: (report: PartReport) => void = () => {}, now: () => number = () => performance.now()) {
    this.#onChange = onChange
    this.#now = now
  }

  part(name: string, { patienceMs = 0 }: PartOptions = {}): PartHealth {
    const part = this.#parts.get(name) ?? { part: name, ready: false, reason: 'starting', patienceMs, lostAt: undefined }
    this.#parts.set(name, part)
    return {
      ready: (detail = 'ok') => this.#set(name, true, detail),
      notReady: (reason) => this.#set(name, false, reason),
    }
  }

  /** A line to read: it makes nobody ready or not, and is made when somebody looks. */
  note(name: string, text: () => string): void {
    this.#notes.set(name, text)
  }

  report(): { ready: boolean; parts: PartReport[] } {
    const parts = [...this.#parts.values()].map((part) => this.#report(part))
    const notes = [...this.#notes].map(([part, text]) => ({ part, ready: true, reason: text() }))
    return { ready: parts.every((part) => part.ready || part.isSettling), parts: [...parts, ...notes] }
  }

  #report({ part, ready, reason, patienceMs, lostAt }: Part): PartReport {
    const isSettling = !ready && lostAt !== undefined && this.#now() - lostAt < patienceMs
    return { part, ready, reason, ...(isSettling ? { isSettling } : {}) }
  }

  #set(name: string, ready: boolean, reason: string): void {
    const before = this.#parts.get(name)
    if (!before) return
    const lostAt = before.ready ? this.#now() : before.lostAt
    this.#parts.set(name, { ...before, ready, reason, lostAt: ready ? undefined : lostAt })
    if (before.ready !== ready || (!ready && before.reason !== reason)) this.#onChange({ part: name, ready, reason })
  }
}
