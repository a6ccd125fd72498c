import { setTimeout as pause } from 'node:timers/promises'

/** Looks every `everyMs` until something is the case; rejects when it takes too long. */
export async function until(isSo: () => Promise<boolean>, { everyMs, withinMs }: { everyMs: number; withinMs: number }): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`what the bench waits for did not happen within ${withinMs} ms`)
    await pause(everyMs)
  }
}
