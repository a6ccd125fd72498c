import { sleep } from '../lifecycle/time.ts'

export interface BestBlockSearchOptions {
  readonly everyMs?: number
  readonly forMs?: number
}

export interface BestBlockSearchDeps {
  /** Whether a peer listens to requests. */
  readonly isHeard: () => boolean
  readonly ask: () => Promise<void>
  readonly onError: (error: unknown) => void
  readonly signal: AbortSignal
}

/** Asks once a second for the best block, as soon as a peer listens, until an answer comes or 30 seconds have passed. */
export function createBestBlockSearch(options: BestBlockSearchOptions, { isHeard, ask, onError, signal }: BestBlockSearchDeps) {
  const { everyMs = 1000, forMs = 30_000 } = options
  const ended = new AbortController()
  signal.addEventListener('abort', () => ended.abort(), { once: true })
  return {
    async run(): Promise<'answered' | 'unanswered'> {
      for (let asked = 0; !ended.signal.aborted && asked * everyMs < forMs; ) {
        if (isHeard()) {
          asked += 1
          await ask().catch(onError)
        }
        await sleep(everyMs, ended.signal)
      }
      return ended.signal.aborted && !signal.aborted ? 'answered' : 'unanswered'
    },
    answered(): void {
      ended.abort()
    },
  }
}
