import type { Logger } from 'pino'
import { Stops } from './stops.ts'

export interface ShutdownOptions {
  /** From the first reason to stop until the end of the last stop. */
  readonly deadlineMs: number
}

export interface ShutdownDeps {
  readonly log: Pick<Logger, 'debug' | 'info' | 'error' | 'fatal'>
  /** Ends the process now. */
  readonly exit: (code: number) => void
}

/**
 * The one place that knows whether the process is to end, why, and with which exit code. A signal ends it in order with 0,
 * a fatal error in order with 1; the signal of a second one ends it at once.
 */
export class Shutdown {
  /** What has to be stopped in the end, sources last in, so that they are first out. */
  readonly stops: Stops
  readonly #controller = new AbortController()
  readonly #deadlineMs: number
  readonly #log: ShutdownDeps['log']
  readonly #exit: (code: number) => void
  #exitCode = 0
  #isRequested = false

  constructor({ deadlineMs }: ShutdownOptions, { log, exit }: ShutdownDeps) {
    this.#deadlineMs = deadlineMs
    this.#log = log
    this.#exit = exit
    this.stops = new Stops({ log })
  }

  /** Aborted from the first reason to stop on; a start that is under way gives up then. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Somebody wants the process to end. The second time it ends without waiting for anything. */
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

  /** A part died that the process cannot do without. */
  fatal(error: Error): void {
    this.#log.fatal({ err: error }, this.signal.aborted ? 'failed while stopping' : 'a part failed, stopping')
    this.#exitCode = 1
    this.#controller.abort(error)
  }

  /** Starts, waits until the process is to end, stops everything, and says with which exit code to end. Never rejects. */
  async run(start: () => Promise<void>): Promise<number> {
    const started = this.#start(start)
    await this.#aborted()
    const deadline = Date.now() + this.#deadlineMs
    const stopped = started.then(() => this.stops.run(Math.max(0, deadline - Date.now())))
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

  /** The net under the stops: a start that does not give up, for example. */
  async #within(stopped: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<never>((_, reject) => {
      const late = new Error(`not everything was stopped within ${this.#deadlineMs} ms`)
      timer = setTimeout(() => reject(late), this.#deadlineMs + GRACE_MS)
    })
    try {
      await Promise.race([stopped, deadline])
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Lets the stops' own limits, which name the culprit, come first. */
const GRACE_MS = 50
