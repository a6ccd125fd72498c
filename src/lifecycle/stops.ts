import type { Logger } from 'pino'

export interface StopsDeps {
  readonly log: Pick<Logger, 'debug' | 'error'>
  readonly now?: () => number
}

interface NamedStop {
  readonly name: string
  readonly stop: () => Promise<void> | void
}

/**
 * What was started and must be stopped: named and timed, in reverse order. A stop that fails does not keep the others
 * open, and one that hangs gets at most half of the time that is left, so that the others have theirs.
 */
export class Stops {
  readonly #stops: NamedStop[] = []
  readonly #log: Pick<Logger, 'debug' | 'error'>
  readonly #now: () => number
  #running: Promise<void> | undefined

  constructor({ log, now = performance.now.bind(performance) }: StopsDeps) {
    this.#log = log
    this.#now = now
  }

  /** To be called right after the part stands, or before its start when its stop does no harm to a half-started part. */
  add(name: string, stop: () => Promise<void> | void): void {
    this.#stops.push({ name, stop })
  }

  /**
   * Stops everything within the deadline. Rejects with an AggregateError of all that went wrong. A second call joins the
   * first, and stops what a start that was still under way has added since.
   */
  run(deadlineMs: number): Promise<void> {
    const deadline = this.#now() + deadlineMs
    this.#running = this.#running === undefined ? this.#runAll(deadline) : this.#running.finally(() => this.#runAll(deadline))
    return this.#running
  }

  async #runAll(deadline: number): Promise<void> {
    const failures: Error[] = []
    for (let next = this.#stops.pop(); next; next = this.#stops.pop()) {
      const startedAt = this.#now()
      const left = Math.max(0, deadline - startedAt)
      const limitMs = this.#stops.length === 0 ? left : left / 2
      try {
        await withLimit(next, limitMs)
        this.#log.debug({ part: next.name, ms: Math.round(this.#now() - startedAt) }, 'stopped')
      } catch (cause) {
        const error = new Error(`${next.name} did not stop: ${cause instanceof Error ? cause.message : cause}`, { cause })
        this.#log.error({ part: next.name, err: cause, ms: Math.round(this.#now() - startedAt) }, 'stop failed')
        failures.push(error)
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map((error) => error.message).join('; '))
  }
}

async function withLimit({ stop }: NamedStop, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${Math.round(limitMs)} ms`)), limitMs)
  })
  try {
    await Promise.race([stop(), limit])
  } finally {
    clearTimeout(timer)
  }
}
