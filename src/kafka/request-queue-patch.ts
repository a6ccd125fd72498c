import { createRequire } from 'node:module'

interface RequestQueue {
  throttleCheckTimeoutId: NodeJS.Timeout | null
  throttledUntil: number
  readonly pending: readonly unknown[]
  checkPendingRequests(): void
}

const CHECK_AGAIN_MS = 10

/**
 * kafkajs 2.2.4 arms a timer with a negative delay for ever on each idle connection: thousands of timers a second, 5 % of a
 * core with three brokers, and a warning each on Node 24. This replaces the one method that does so. It may run many times.
 */
export function patchRequestQueue(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as { prototype: RequestQueue & Patched }
  prototype.scheduleCheckPendingRequests = function schedule(this: RequestQueue) {
    if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return
    const waitMs = this.throttledUntil - Date.now()
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null
        this.checkPendingRequests()
      },
      waitMs > 0 ? waitMs : CHECK_AGAIN_MS,
    )
  }
}

interface Patched {
  scheduleCheckPendingRequests(): void
}
