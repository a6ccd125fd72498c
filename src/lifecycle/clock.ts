import { uptime } from 'node:os'

/** Three clocks, in milliseconds. They are injected into each part, so that unit tests can step a clock. */
export interface Clock {
  /** Time since the epoch, only for display and timestamps. People and NTP set it, forwards and back. */
  wall(): number
  /** For durations, timeouts and rates. Nobody sets it. It stops while the machine is suspended. */
  steady(): number
  /** For leases. Nobody sets it. It goes on while the machine is suspended. */
  boot(): number
}

export interface BootClockDeps {
  readonly wall: () => number
  readonly steady: () => number
  /** The kernel's boot clock. Reading it takes 10 µs, because it is a file. */
  readonly uptimeMs: () => number
}

const READ_EACH_MS = 1000
/** A suspend moves the wall clock relative to the steady one. Smaller steps than this come from NTP. */
const STEP_MS = 50

/**
 * The kernel's boot clock, cheap enough to use for each message: between two readings it advances with the steady clock. The wall
 * clock decides nothing. A step of it only triggers a reading, because a suspend looks like a step.
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
