import type { PartReport } from './health.ts'

export interface HealthLogOptions {
  readonly everyMs?: number
}

export interface HealthLogDeps {
  readonly say: (report: PartReport) => void
}

interface Said {
  report: PartReport
  /** The latest report that is not said yet. */
  next: PartReport | undefined
  /** Undefined when nothing was said for `everyMs`. */
  timer: NodeJS.Timeout | undefined
}

/**
 * Logs changes of readiness: a part that becomes ready, or stops being so, at once; another reason of a part that is not ready at most
 * once in `everyMs`. While a broker is away, the reason changes with each partition that notices it.
 */
export class HealthLog {
  readonly #everyMs: number
  readonly #say: HealthLogDeps['say']
  /** By part. */
  readonly #said = new Map<string, Said>()
  #isStopped = false

  constructor({ everyMs = 1000 }: HealthLogOptions, { say }: HealthLogDeps) {
    this.#everyMs = everyMs
    this.#say = say
  }

  changed(report: PartReport): void {
    const said = this.#said.get(report.part)
    if (this.#isStopped) this.#say(report)
    else if (said?.timer && said.report.ready === report.ready) said.next = report
    else this.#sayNow(report)
  }

  /** Drops the reasons that wait; later ones are said at once, so that no timer outlives the process's work. */
  stop(): void {
    this.#isStopped = true
    for (const { timer } of this.#said.values()) clearTimeout(timer)
    this.#said.clear()
  }

  #sayNow(report: PartReport): void {
    clearTimeout(this.#said.get(report.part)?.timer)
    this.#said.set(report.part, { report, next: undefined, timer: setTimeout(() => this.#sayNext(report.part), this.#everyMs) })
    this.#say(report)
  }

  #sayNext(part: string): void {
    const said = this.#said.get(part)
    if (!said) return
    said.timer = undefined
    if (said.next && said.next.reason !== said.report.reason) this.#sayNow(said.next)
    else said.next = undefined
  }
}
