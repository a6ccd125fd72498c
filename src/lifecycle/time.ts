import { setMaxListeners } from 'node:events'

/** An outside call did not answer in time. It may have taken effect all the same. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
  readonly code = 'BRIDGE_DEADLINE'
}

function tooLate(what: string, ms: number): DeadlineError {
  return new DeadlineError(`${what} took longer than ${Math.round(ms)} ms`)
}

/** The result of the work, or a DeadlineError after `ms`. Late work continues in the background, and its failure is ignored. */
export function withDeadline<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(tooLate(what, ms)), ms)
    settle(work, { resolve, reject, first: () => clearTimeout(timer) })
  })
}

/**
 * The result of the work. Rejects with the signal's reason as soon as the signal aborts. Late work continues in the background, and
 * its failure is ignored. So a call that hangs in an outage never delays a stop.
 */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    const undo = signal.aborted ? () => {} : onAbort(signal, () => reject(signal.reason))
    settle(work, { resolve, reject, first: undo })
  })
}

/**
 * Passes the outcome of the work on, after `first`. By hand, since `Promise.race` and `await` take several promises more, and each request to
 * Kafka is waited for in this way several times.
 */
function settle<T>(
  work: Promise<T>,
  { resolve, reject, first }: { resolve: (value: T) => void; reject: (error: unknown) => void; first: () => void },
): void {
  work.then(
    (value) => {
      first()
      resolve(value)
    },
    (error) => {
      first()
      reject(error)
    },
  )
}

/**
 * Runs one outside call with a deadline. If `signal` aborts earlier, it rejects with the signal's reason. It returns in time even if
 * the call ignores its own signal. It avoids AbortSignal.any, which on Node 20 leaks a little memory on a long-lived signal.
 */
export async function callWithDeadline<T>(
  { ms, what, signal }: { ms: number; what: string; signal: AbortSignal },
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const controller = new AbortController()
  const late = setTimeout(() => controller.abort(tooLate(what, ms)), ms)
  const undo = onAbort(signal, () => controller.abort(signal.reason))
  try {
    return await unlessAborted(call(controller.signal), controller.signal)
  } finally {
    clearTimeout(late)
    undo()
  }
}

/** Sleeps, at most until the signal aborts. Never rejects: check the signal afterwards. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      undo?.()
      resolve()
    }
    const timer = setTimeout(done, ms)
    const undo = signal && onAbort(signal, done)
  })
}

/** The listeners of a signal, behind one of its own: to add and remove one on the signal itself costs five times as much. */
const listenersOf = new WeakMap<AbortSignal, Set<() => void>>()

/** Returns the function that removes the listener. */
function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const listeners = listenersOf.get(signal) ?? listenTo(signal)
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const listeners = new Set<() => void>()
  listenersOf.set(signal, listeners)
  const tell = () => {
    for (const listener of listeners) listener()
    listeners.clear()
  }
  setMaxListeners(0, signal) // others listen too, and Node warns at eleven by default
  signal.addEventListener('abort', tell, { once: true })
  return listeners
}

/** The pauses between attempts, doubling from `firstMs` to `longestMs`. Call `reset` after a success. */
export interface BackOff {
  next(): number
  reset(): void
}

export function createBackOff(firstMs: number, longestMs: number): BackOff {
  let waitMs = firstMs
  return {
    next() {
      const now = waitMs
      waitMs = Math.min(waitMs * 2, longestMs)
      return now
    },
    reset() {
      waitMs = firstMs
    },
  }
}

/** The delay, up to a fifth shorter or longer, so that instances that started together do not stay synchronised. */
export function withJitter(ms: number, random: () => number): number {
  return ms * (0.8 + 0.4 * random())
}

export interface RepeatOptions {
  /** Pause between the end of one round and the start of the next, and before the first round unless `isFirstNow`. */
  readonly everyMs: number
  readonly isFirstNow?: boolean
  /** For `withJitter`. No jitter if omitted. */
  readonly random?: () => number
  readonly signal: AbortSignal
  /** Called when a round fails. The next round runs anyway. */
  readonly onError: (error: unknown) => void
}

/** Runs rounds repeatedly, never two at once. Resolves when the signal has aborted and the last round has ended. */
export async function repeat(
  { everyMs, isFirstNow, random, signal, onError }: RepeatOptions,
  round: () => Promise<void> | void,
): Promise<void> {
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    if (!isFirst || !isFirstNow) await sleep(random ? withJitter(everyMs, random) : everyMs, signal)
    if (signal.aborted) return
    try {
      await round()
    } catch (error) {
      if (!signal.aborted) onError(error)
    }
  }
}
