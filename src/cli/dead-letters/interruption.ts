import type { ProcessPort } from '../context.ts'

export interface Interruption {
  /** Aborted by Ctrl-C and its like, and when nobody reads the output any more. */
  readonly signal: AbortSignal
  /** From then on signals end the process at once. */
  end(): void
}

/**
 * For a command that changes something step by step: it ends the step that it has begun, rather than in the middle of it. A closed output
 * stays handled until the process has ended, because each further line is reported again.
 */
export function interruptionOf(host: Pick<ProcessPort, 'onSignal' | 'onOutputGone'>): Interruption {
  const interrupted = new AbortController()
  const end = host.onSignal((signal) => {
    if (signal !== 'SIGUSR2') interrupted.abort()
  })
  host.onOutputGone(() => interrupted.abort())
  return { signal: interrupted.signal, end }
}
