/** What one part says of itself. `notReady` takes a sentence that an operator can act on. */
export interface PartHealth {
  ready(detail?: string): void
  notReady(reason: string): void
}

export interface PartReport {
  readonly part: string
  readonly ready: boolean
  readonly reason: string
}

/**
 * The parts' own words on whether they can do their work, for `/readyz`. A part is not ready from the moment it asks
 * for its entry until it says otherwise, so a start that hangs is visible. `onChange` hears each change of state once.
 */
export class Health {
  readonly #parts = new Map<string, PartReport>()
  readonly #onChange: (report: PartReport) => void

  constructor(onChange: (report: PartReport) => void = () => {}) {
    this.#onChange = onChange
  }

  part(name: string): PartHealth {
    this.#parts.set(name, { part: name, ready: false, reason: 'starting' })
    return {
      ready: (detail = 'ok') => this.#set({ part: name, ready: true, reason: detail }),
      notReady: (reason) => this.#set({ part: name, ready: false, reason }),
    }
  }

  report(): { ready: boolean; parts: PartReport[] } {
    const parts = [...this.#parts.values()]
    return { ready: parts.every((part) => part.ready), parts }
  }

  #set(report: PartReport): void {
    const before = this.#parts.get(report.part)
    this.#parts.set(report.part, report)
    if (before?.ready !== report.ready || (!report.ready && before.reason !== report.reason)) this.#onChange(report)
  }
}
