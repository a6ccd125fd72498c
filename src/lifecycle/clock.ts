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

export const SYSTEM_CLOCK: Clock = {
  wall: () => Date.now(),
  steady: () => performance.now(),
  boot: () => uptime() * 1000,
}
