import type { Stops } from './stops.ts'

export interface StartStepsDeps {
  /** Aborted when the process has to end: no further step starts then. */
  readonly signal: AbortSignal
  /** Called with the name of a step that takes long, so that an operator sees what the start waits for. */
  readonly onWaiting: (step: string) => void
}

/** A step that takes longer than this is reported. */
const LONG_MS = 1000

/** Runs the named steps of a start, one after the other. */
export class StartSteps {
  readonly #deps: StartStepsDeps

  constructor(deps: StartStepsDeps) {
    this.#deps = deps
  }

  /** Resolves with the result of the step. Rejects if the step fails, or if the process has to end meanwhile. */
  async run<T>(step: string, start: () => Promise<T>): Promise<T> {
    const { signal, onWaiting } = this.#deps
    signal.throwIfAborted()
    const timer = setTimeout(() => onWaiting(step), LONG_MS)
    try {
      return await start()
    } finally {
      clearTimeout(timer)
      signal.throwIfAborted()
    }
  }
}

export interface StartPartsOptions {
  /** Time limit of a stop. */
  readonly deadlineMs: number
}

export interface StartPartsDeps {
  /** `start` adds the stop of each part here. */
  readonly stops: Stops
  /** Aborted when the process has to end: a start in progress gives up. */
  readonly signal: AbortSignal
}

/** Runs a start. If it fails, the parts that it has started already are stopped. */
export async function startParts(
  { deadlineMs }: StartPartsOptions,
  { stops, signal }: StartPartsDeps,
  start: () => Promise<void>,
): Promise<{ stop(): Promise<void> }> {
  const stop = () => stops.run(deadlineMs)
  // Stopping a part that waits for Kafka ends its start, so a signal also ends a start in progress.
  const giveUp = () => void stop().catch(() => {})
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    await start()
    signal.throwIfAborted()
    return { stop }
  } catch (error) {
    await stop().catch(() => {})
    throw error
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}
