import { afterAll, onTestFinished } from 'vitest'

/**
 * Registers a clean-up for the end of the running test; where none runs (a test file's top level), for the end of the file.
 * Clean-ups run in reverse order. Not for `beforeAll` and `beforeEach`: give their clean-up back as their result instead.
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
