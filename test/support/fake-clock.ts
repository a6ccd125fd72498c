import type { Clock } from '../../src/lifecycle/clock.ts'

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Time passes. */
  advance(ms: number): void
  /** Somebody sets the wall clock. */
  setWall(time: number): void
}

export function fakeClock(startsAt = 1_700_000_000_000): FakeClock {
  let wall = startsAt
  let steady = 1000
  return {
    wall: () => wall,
    steady: () => steady,
    boot: () => steady,
    advance(ms) {
      wall += ms
      steady += ms
    },
    setWall(time) {
      wall = time
    },
  }
}
