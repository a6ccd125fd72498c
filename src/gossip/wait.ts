import { setTimeout as pause } from 'node:timers/promises'

/** Sleeps, at most until the signal is given. Never rejects: look at the signal afterwards. */
export async function wait(delayMs: number, signal: AbortSignal): Promise<void> {
  await pause(delayMs, undefined, { signal }).catch(() => {})
}

/** The delay, up to a fifth shorter or longer, so that nodes that started together do not act together for ever. */
export function withJitter(delayMs: number, random: () => number): number {
  return delayMs * (0.8 + 0.4 * random())
}

/**
 * Runs one outside call with a deadline, which `stopped` brings forward. It returns in time even when the call does not heed
 * its signal. Made by hand rather than with AbortSignal.any, because on Node 20 each of those leaves a little memory behind
 * on a long-lived signal, and pings never end.
 */
export async function withDeadline<T>(timeoutMs: number, stopped: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  stopped.throwIfAborted()
  const controller = new AbortController()
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const end = (reason: unknown) => {
    reject(reason)
    controller.abort(reason)
  }
  const onStop = () => end(stopped.reason)
  const timer = setTimeout(() => end(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  stopped.addEventListener('abort', onStop, { once: true })
  try {
    return await Promise.race([call(controller.signal), ended])
  } finally {
    clearTimeout(timer)
    stopped.removeEventListener('abort', onStop)
  }
}
