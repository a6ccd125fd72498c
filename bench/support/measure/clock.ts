/** Milliseconds of a clock that all processes of this machine share, and that never steps. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** The same moment on the wall clock, in milliseconds since the epoch, as brokers stamp records. */
export function toWallClock(sharedMs: number): number {
  return Date.now() - sharedNow() + sharedMs
}
