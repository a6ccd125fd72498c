/** Continuous integration may have a fraction of a core, and other tests run beside. */
const BUSY_FACTOR = 5

/** An upper bound for a time, or for what grows with it, that is at most `most` on a machine that does nothing else. */
export function granted(most: number): number {
  return most * BUSY_FACTOR
}
