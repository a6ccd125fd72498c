import type { Clock } from '../../src/lifecycle/clock.ts'

export interface TestClock extends Clock {
  /** Time goes by. */
  pass(ms: number): void
  /** A person or NTP sets the wall clock, forwards or back. */
  stepWall(ms: number): void
  /** The machine is suspended: the steady clock stands still. */
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
