import { setTimeout as pause } from 'node:timers/promises'

const EVERY_MS = 20

/** Waits until something is the case; rejects when it takes too long. */
export async function until(isSo: () => Promise<boolean>, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`what the bench waits for did not happen within ${withinMs} ms`)
    await pause(EVERY_MS)
  }
}
