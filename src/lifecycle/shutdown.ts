import type { Logger } from 'pino'
import { type Clock, SYSTEM_CLOCK } from './clock.ts'
import { Stops } from './stops.ts'
import { withDeadline } from './time.ts'

export interface ShutdownOptions {
  /** From the first reason to stop until the end of the last stop. */
  readonly deadlineMs: number
}

export interface ShutdownDeps {
  readonly log: Pick<Logger, 'debug' | 'info' | 'error' | 'fatal'>
  readonly clock?: Pick<Clock, 'steady'>
  /** Ends the process now. */
  readonly exit: (code: number) => void
}

/**
 * The one place that knows whether the process must end, why, and with which exit code. A signal ends it in order with 0, a fatal
 * error in order with 1; a second signal ends it at once.
 */
export class Shutdown {
  /** The parts to stop in the end: sources are added last, so they stop first. */
  readonly stops: Stops
  readonly #controller = new AbortController()
  readonly #deadlineMs: number
  readonly #log: ShutdownDeps['log']
  readonly #exit: (code: number) => void
  readonly #clock: Pick<Clock, 'steady'>
  #exitCode = 0
  #isRequested = false

  constructor({ deadlineMs }: ShutdownOptions, { log, exit, clock = SYSTEM_CLOCK }: ShutdownDeps) {
    this.#deadlineMs = deadlineMs
    this.#log = log
    this.#exit = exit
    this.#clock = clock
    this.stops = new Stops({ log, clock })
  }

  /** Aborted at the first reason to stop; a start that is under way gives up then. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Asks the process to end. The second time it ends without waiting for anything. */
  request(cause: string): void {
    if (this.#isRequested) {
      this.#log.error({ cause }, 'asked to stop a second time, exiting at once')
      this.#exit(1)
      return
    }
    this.#isRequested = true
    this.#log.info({ cause }, 'stopping')
    this.#controller.abort(new Error(`stopped by ${cause}`))
  }

  /** A part failed that the process cannot do without. */
  fatal(error: Error): void {
    this.#log.fatal({ err: error }, this.signal.aborted ? 'failed while stopping' : 'a part failed, stopping')
    this.#exitCode = 1
    this.#controller.abort(error)
  }

  /** Starts, waits until the process is to end, stops everything, and says with which exit code to end. Never rejects. */
  async run(start: () => Promise<void>): Promise<number> {
    const started = this.#start(start)
    await this.#aborted()
    const deadline = this.#clock.steady() + this.#deadlineMs
    const stopped = started.then(() => this.stops.run(Math.max(0, deadline - this.#clock.steady())))
    try {
      await this.#within(stopped)
      this.#log.info({ exitCode: this.#exitCode }, 'stopped everything')
    } catch (error) {
      this.#log.error({ err: error }, 'stopped, but not in order')
      this.#exitCode = 1
    }
    return this.#exitCode
  }

  async #start(start: () => Promise<void>): Promise<void> {
    try {
      await start()
    } catch (error) {
      if (this.signal.aborted) this.#log.debug({ err: error }, 'start given up')
      else this.fatal(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #aborted(): Promise<void> {
    return new Promise((resolve) => {
      if (this.signal.aborted) resolve()
      else this.signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  /** Behind the limits of the stops, for example for a start that does not give up. */
  async #within(stopped: Promise<void>): Promise<void> {
    await withDeadline(stopped, this.#deadlineMs + GRACE_MS, 'stopping everything')
  }
}

/** Lets the stops' own limits, which name the part, expire first. */
const GRACE_MS = 50
