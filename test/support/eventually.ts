import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'

export interface EventuallyOptions {
  /** How long to keep trying, if it may take longer than `LEAST_MS`. A shorter time is no promise, so it fails on a busy machine only. */
  timeoutMs?: number
  intervalMs?: number
}

/** For a machine that has much else to do. */
const LEAST_MS = 30_000
/** Taken before a test can replace it by a clock that stands still. */
const now = performance.now.bind(performance)

/**
 * Waits until `condition` holds and returns its value. It holds when it does not throw and returns something other than
 * false, null or undefined; undefined is fine after an `expect`. Past the deadline it fails with the last error, so an
 * `expect` inside shows what was still wrong. Use this, never a bare sleep.
 */
export async function eventually<T>(condition: () => T | Promise<T>, options: EventuallyOptions = {}): Promise<NonNullable<T>> {
  const timeoutMs = Math.max(options.timeoutMs ?? 0, LEAST_MS)
  const until = now() + timeoutMs
  for (;;) {
    let failure: unknown
    try {
      const assertionsBefore = expect.getState().assertionCalls
      const value = await condition()
      const hasAsserted = expect.getState().assertionCalls > assertionsBefore
      if (isSettled(value) || (value === undefined && hasAsserted)) return value as NonNullable<T>
      failure = `the condition still gave ${value}`
    } catch (error) {
      failure = error
    }
    if (now() >= until) {
      const why = failure instanceof Error ? failure.message : String(failure)
      throw new Error(`not within ${timeoutMs} ms: ${why}`, { cause: failure })
    }
    await pause(options.intervalMs ?? 20)
  }
}

function isSettled(value: unknown): boolean {
  return value !== false && value !== null && value !== undefined
}
