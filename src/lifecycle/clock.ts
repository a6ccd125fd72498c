import { uptime } from 'node:os'

/** The three ways to tell the time. Each part gets it injected, so that a stepped clock is a unit test. All in milliseconds. */
export interface Clock {
  /** Since the epoch, for display and for stamping only. People and NTP set it, forwards and back. */
  wall(): number
  /** For durations, timeouts and rates. Nobody sets it; it stands still while the machine is suspended. */
  steady(): number
  /** For leases. Nobody sets it, and it counts the time for which the machine was suspended. */
  boot(): number
}

export interface BootClockDeps {
  readonly wall: () => number
  readonly steady: () => number
  /** The kernel's boot clock. Reading it takes 10 µs, because it is a file. */
  readonly uptimeMs: () => number
}

const READ_EACH_MS = 1000
/** A suspend moves the wall clock against the steady one. A smaller step than this is NTP's. */
const STEP_MS = 50

/**
 * The kernel's boot clock, cheap enough to ask for each message: between two readings it goes on with the steady clock. The wall
 * clock decides nothing; a step of it only causes a reading, because a suspend shows as one.
 */
export function createBootClock({ wall, steady, uptimeMs }: BootClockDeps): () => number {
  let readAt = Number.NEGATIVE_INFINITY
  let wallAhead = 0
  let bootAhead = 0
  return () => {
    const now = steady()
    const ahead = wall() - now
    if (now - readAt >= READ_EACH_MS || Math.abs(ahead - wallAhead) >= STEP_MS) {
      readAt = now
      wallAhead = ahead
      bootAhead = uptimeMs() - now
    }
    return now + bootAhead
  }
}

const wall = () => Date.now()
const steady = () => performance.now()

/** The clocks of this machine. */
export const SYSTEM_CLOCK: Clock = { wall, steady, boot: createBootClock({ wall, steady, uptimeMs: () => uptime() * 1000 }) }
