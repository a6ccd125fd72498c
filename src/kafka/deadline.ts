/** Something outside did not answer in time; whether it happened all the same is not known. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
  readonly code = 'BRIDGE_DEADLINE'
}

/** The work's own end, or a DeadlineError after `ms`. Work that is late goes on unheard: its failure is swallowed. */
export async function withDeadline<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(`${what} took longer than ${ms} ms`)), ms)
  })
  work.catch(() => {}) // the race hears it while it lasts
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Waits, or returns early when the signal ends. */
export async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}

/** The waits between tries: doubling from `firstMs` to `longestMs`. `reset` after a success. */
export function createBackOff(firstMs: number, longestMs: number): { next(): number; reset(): void } {
  let waitMs = firstMs
  return {
    next() {
      const now = waitMs
      waitMs = Math.min(waitMs * 2, longestMs)
      return now
    },
    reset() {
      waitMs = firstMs
    },
  }
}
