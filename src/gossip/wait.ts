import { setTimeout as pause } from 'node:timers/promises'

/** Sleeps, at most until the signal is given. Never rejects: look at the signal afterwards. */
export async function wait(delayMs: number, signal: AbortSignal): Promise<void> {
  await pause(delayMs, undefined, { signal }).catch(() => {})
}

/** The delay, up to a fifth shorter or longer, so that nodes that started together do not act together for ever. */
export function withJitter(delayMs: number, random: () => number): number {
  return delayMs * (0.8 + 0.4 * random())
}

/** A signal for one outside call: its own deadline, or the end of everything. */
export function deadline(timeoutMs: number, stopped: AbortSignal): AbortSignal {
  return AbortSignal.any([AbortSignal.timeout(timeoutMs), stopped])
}
