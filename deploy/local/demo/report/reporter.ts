import type { Snapshot } from './table.ts'

/** How the run ended. */
export interface Verdict {
  readonly ok: boolean
  /** Missing arrivals and other faults, one sentence each. */
  readonly faults: readonly string[]
  readonly snapshot: Snapshot | undefined
}

/** The output of the demo: a terminal, plain lines or JSON. */
export interface Reporter {
  /** Runs a step and shows its progress and time. `say` shows its current activity. */
  step<T>(title: string, work: (say: (detail: string) => void) => Promise<T>): Promise<T>
  /** Prints lines that stay. In JSON they are one object, named by `about`. */
  say(about: string, lines: readonly string[], facts?: Record<string, unknown>): void
  /** The state of the run; called a few times a second. */
  progress(snapshot: Snapshot): void
  verdict(verdict: Verdict): void
  /** Restores the terminal. */
  end(): void
}

export interface Output {
  write(text: string): void
  readonly columns: number | undefined
}

/** Runs the work, and calls `ended` with its duration and its error, if any. */
export async function timed<T>(work: () => Promise<T>, ended: (ms: number, error?: unknown) => void): Promise<T> {
  const startedAt = performance.now()
  try {
    const result = await work()
    ended(performance.now() - startedAt)
    return result
  } catch (error) {
    ended(performance.now() - startedAt, error)
    throw error
  }
}

/** Passes on a detail only when it changes: a step that waits repeats the same one. */
export function onlyNew(say: (detail: string) => void): (detail: string) => void {
  let last = ''
  return (detail) => {
    if (detail !== last && detail !== '') say(detail)
    last = detail
  }
}

/** 1234 ms as "1.2 s". */
export function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

/** The last lines of a run, the same in all text output. */
export function verdictLines({ ok, faults }: Verdict): string[] {
  return [...faults.map((fault) => `  ${fault}`), ok ? 'demo: ok' : 'demo: FAILED']
}
