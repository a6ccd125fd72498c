import type { Logger } from 'pino'
import type { Clock } from './clock.ts'
import { Stops } from './stops.ts'
import { withDeadline } from './time.ts'

export interface ShutdownOptions {
  /** From the first reason to stop until the end of the last stop. */
  readonly deadlineMs: number
}

export interface ShutdownDeps {
  readonly log: Pick<Logger, 'debug' | 'info' | 'error' | 'fatal'>
  readonly clock: Pick<Clock, 'steady'>
  /** Ends the process now. */
  readonly exit: (code: number) => void
}

/**
 * Decides whether the process must end, why, and with which exit code. A signal causes a graceful shutdown with 0, a fatal error one
 * with 1. A second signal ends the process at once.
 */
export class Shutdown {
  /** The parts to stop at the end. Sources are added last, so they stop first. */
  readonly stops: Stops
  readonly #controller = new AbortController()
  readonly #deadlineMs: number
  readonly #log: ShutdownDeps['log']
  readonly #exit: (code: number) => void
  readonly #clock: Pick<Clock, 'steady'>
  #exitCode = 0
  #isRequested = false

  constructor({ deadlineMs }: ShutdownOptions, { log, exit, clock }: ShutdownDeps) {
    this.#deadlineMs = deadlineMs
    this.#log = log
    this.#exit = exit
    this.#clock = clock
    this.stops = new Stops({ log, clock })
  }

  /** Aborted at the first reason to stop. A start in progress then gives up. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Asks the process to end. A second request ends it without waiting. */
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

  /** A part failed, and the process cannot continue without it. */
  fatal(error: Error): void {
    this.#log.fatal({ err: error }, this.signal.aborted ? 'failed while stopping' : 'a part failed, stopping')
    this.#exitCode = 1
    this.#controller.abort(error)
  }

  /** Starts, waits until the process has to end, stops everything, and resolves with the exit code. Never rejects. */
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

  /** A last limit after those of the stops, for example for a start that does not give up. */
  async #within(stopped: Promise<void>): Promise<void> {
    await withDeadline(stopped, this.#deadlineMs + GRACE_MS, 'stopping everything')
  }
}

/** Lets the limits of the stops expire first, because their errors name the part. */
const GRACE_MS = 50
