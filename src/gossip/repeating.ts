import type { Logger } from 'pino'
import { wait, withJitter } from './wait.ts'

export interface Repeating {
  start(): void
  /** Resolves when the round that is under way has ended. Rounds see the signal and must heed it. */
  stop(): Promise<void>
}

/** Runs a task again and again, never twice at once, with a jittered pause between; a round that fails does not end it. */
export function createRepeating(
  options: { name: string; intervalMs: number },
  deps: { log: Logger; random: () => number; task: (stopped: AbortSignal) => Promise<void> },
): Repeating {
  const stopping = new AbortController()
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    for (;;) {
      await wait(withJitter(options.intervalMs, deps.random), stopping.signal)
      if (stopping.signal.aborted) return
      try {
        await deps.task(stopping.signal)
      } catch (error) {
        if (!stopping.signal.aborted)
          deps.log.error({ err: error, task: options.name }, 'background task of the gossip host failed, going on')
      }
    }
  }

  return {
    start() {
      running ??= run()
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}
