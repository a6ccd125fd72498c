import type { Clock } from '../../src/lifecycle/clock.ts'

/** A clock that stands still until the test advances it. */
export interface FakeClock extends Clock {
  /** Lets time pass. */
  advance(ms: number): void
  /** Sets the wall clock alone, as a person or NTP does. */
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
