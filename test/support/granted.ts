/** Continuous integration may have a fraction of a core, and other tests run beside. */
const BUSY_FACTOR = 5

/** An upper bound for what takes `ms` at most on a machine that does nothing else. */
export function granted(ms: number): number {
  return ms * BUSY_FACTOR
}
