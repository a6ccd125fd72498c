export interface StartStepsDeps {
  /** Aborted when the process is to end: no further step starts then. */
  readonly signal: AbortSignal
  /** Called with the name of a step that takes long, so that an operator reads what the start waits for. */
  readonly onWaiting: (step: string) => void
}

/** A step that takes longer than this is worth a word. */
const LONG_MS = 1000

/** The steps of a start, one after the other, each with its name. */
export class StartSteps {
  readonly #deps: StartStepsDeps

  constructor(deps: StartStepsDeps) {
    this.#deps = deps
  }

  /** Resolves with the result of the step; rejects when the step fails, and when the process is to end meanwhile. */
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
