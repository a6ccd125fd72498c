import { createRequire } from 'node:module'

/** The part of kafkajs's queue of one connection that the patches touch. */
export interface RequestQueue {
  /** When a request on this connection was last given up, in ms since the epoch; set by this patch. */
  timedOutAt?: number
  throttleCheckTimeoutId: NodeJS.Timeout | null
  throttledUntil: number
  requestTimeoutIntervalId: NodeJS.Timeout | null
  readonly enforceRequestTimeout: boolean
  readonly pending: readonly unknown[]
  readonly inflight: ReadonlyMap<number, InflightRequest>
  isConnected(): boolean
  checkPendingRequests(): void
  destroy(): void
}

interface InflightRequest {
  readonly sentAt: number | null
  readonly entry: { readonly apiName: string }
  readonly requestTimeout: number
  timeoutRequest(): void
}

interface Patched {
  scheduleCheckPendingRequests(): void
  scheduleRequestTimeoutCheck(): void
}

const CHECK_AGAIN_MS = 10
const LOOK_FOR_TIMEOUTS_MS = 500

/**
 * kafkajs 2.2.4 keeps idle connections busy. It arms a timer with a negative delay for ever on each of them: thousands of timers
 * a second, 5 % of a core with three brokers, and a warning each on Node 24. And it looks ten times a second on each whether
 * a request is late, which is half of what an idle bridge would cost. This replaces those two methods. It may run many times.
 */
export function patchRequestQueue(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as { prototype: RequestQueue & Patched }
  prototype.scheduleCheckPendingRequests = scheduleCheckPendingRequests
  prototype.scheduleRequestTimeoutCheck = scheduleRequestTimeoutCheck
}

function scheduleCheckPendingRequests(this: RequestQueue): void {
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

function scheduleRequestTimeoutCheck(this: RequestQueue): void {
  if (!this.enforceRequestTimeout) return
  this.destroy()
  this.requestTimeoutIntervalId = setInterval(() => {
    for (const request of this.inflight.values()) {
      if (request.sentAt === null || Date.now() - request.sentAt <= request.requestTimeout) continue
      this.timedOutAt = Date.now()
      request.timeoutRequest()
    }
    if (!this.isConnected()) this.destroy()
  }, LOOK_FOR_TIMEOUTS_MS)
}
