import { afterAll, onTestFinished } from 'vitest'

/**
 * Registers a clean-up for the end of the running test, or for the end of the file when no test runs (at its top level).
 * Clean-ups run in reverse order. Not for `beforeAll` and `beforeEach`: return their clean-up from them instead.
 */
export function onEnd(cleanUp: () => void | Promise<void>): void {
  const whole = async () => {
    await cleanUp()
  }
  try {
    onTestFinished(whole)
  } catch {
    afterAll(whole)
  }
}
