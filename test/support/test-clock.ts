import type { Clock } from '../../src/lifecycle/clock.ts'

export interface TestClock extends Clock {
  /** Lets time pass on all clocks. */
  pass(ms: number): void
  /** Moves the wall clock alone, forwards or back, as a person or NTP does. */
  stepWall(ms: number): void
  /** Suspends the machine: the steady clock stands still. */
  suspend(ms: number): void
}

/** A clock that the test sets. */
export function createTestClock(wallMs = Date.UTC(2026, 0, 1)): TestClock {
  let [wall, steady, boot] = [wallMs, 1_000, 5_000]
  return {
    wall: () => wall,
    steady: () => steady,
    boot: () => boot,
    pass(ms) {
      wall += ms
      steady += ms
      boot += ms
    },
    stepWall(ms) {
      wall += ms
    },
    suspend(ms) {
      wall += ms
      boot += ms
    },
  }
}
