import { createRequire } from 'node:module'
import { SYSTEM_CLOCK } from '../../../lifecycle/clock.ts'

/** The part of kafkajs's request queue of a connection that the patches touch. All times are by the steady clock. */
export interface RequestQueue {
  /** When a request on this connection last timed out; set by this patch. */
  timedOutAt?: number
  /** When the timer looks for late requests next; undefined while none is armed. Set by this patch. */
  looksAt?: number | undefined
  throttleCheckTimeoutId: NodeJS.Timeout | null
  throttledUntil: number
  requestTimeoutIntervalId: NodeJS.Timeout | null
  readonly enforceRequestTimeout: boolean
  readonly maxInFlightRequests?: number | null
  readonly pending: readonly unknown[]
  readonly inflight: ReadonlyMap<number, InflightRequest>
  isConnected(): boolean
  checkPendingRequests(): void
  destroy(): void
}

interface InflightRequest {
  /** Set by this patch; kafkajs's own `sentAt` is by the wall clock. */
  sentAtSteady?: number
  readonly entry: { readonly apiName: string }
  readonly expectResponse: boolean
  readonly requestTimeout: number
  timeoutRequest(): void
}

interface Patched {
  scheduleCheckPendingRequests(): void
  scheduleRequestTimeoutCheck(): void
  sendSocketRequest(request: InflightRequest): void
  canSendSocketRequestImmediately(): boolean
  maybeThrottle(throttleMs: number | null | undefined): void
}

const CHECK_AGAIN_MS = 10

/**
 * Replaces the timing of kafkajs 2.2.4 on a connection. It may run many times. Unpatched, kafkajs
 * - keeps arming a timer with a negative delay on each idle connection: thousands of timers a second, 5 % of a core with three brokers,
 *   and a warning each on Node 24;
 * - checks ten times a second on each connection, whether a request is late, also where none is under way;
 * - measures by the wall clock: setting it back keeps requests from timing out and throttled connections silent; setting it forward
 *   times out requests that were just sent.
 */
export function patchRequestQueue(): void {
  const require = createRequire(import.meta.url)
  const { prototype } = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue & Patched }
  prototype.scheduleCheckPendingRequests = scheduleCheckPendingRequests
  prototype.canSendSocketRequestImmediately = canSendNow
  prototype.maybeThrottle = throttle
  patchTimeouts(prototype)
}

/** One timer for each connection, armed for the request that would be late first, and only while one waits for its answer. */
function patchTimeouts(prototype: RequestQueue & Patched): void {
  const { sendSocketRequest, destroy } = prototype
  if (sendSocketRequest.name === sendAndWatch.name) return

  function sendAndWatch(this: RequestQueue, request: InflightRequest): void {
    sendSocketRequest.call(this as RequestQueue & Patched, request)
    request.sentAtSteady = SYSTEM_CLOCK.steady()
    if (this.enforceRequestTimeout && request.expectResponse) lookIn(this, request.requestTimeout)
  }
  function destroyWithTimer(this: RequestQueue): void {
    destroy.call(this)
    this.looksAt = undefined
  }
  prototype.sendSocketRequest = sendAndWatch
  prototype.destroy = destroyWithTimer
  prototype.scheduleRequestTimeoutCheck = destroyWithTimer
}

function lookIn(queue: RequestQueue, ms: number): void {
  const at = SYSTEM_CLOCK.steady() + ms
  if (queue.looksAt !== undefined && queue.looksAt <= at) return
  if (queue.requestTimeoutIntervalId !== null) clearTimeout(queue.requestTimeoutIntervalId)
  queue.looksAt = at
  queue.requestTimeoutIntervalId = setTimeout(() => lookForLate(queue), Math.ceil(ms))
}

function lookForLate(queue: RequestQueue): void {
  queue.looksAt = undefined
  let leastLeftMs = Number.POSITIVE_INFINITY
  for (const request of queue.inflight.values()) {
    const leftMs = request.requestTimeout - waitsForMs(request)
    if (leftMs > 0) leastLeftMs = Math.min(leastLeftMs, leftMs)
    else {
      queue.timedOutAt = SYSTEM_CLOCK.steady()
      request.timeoutRequest()
    }
  }
  if (leastLeftMs < Number.POSITIVE_INFINITY && queue.isConnected()) lookIn(queue, leastLeftMs)
}

/** How long a request has been waiting for its answer. */
export function waitsForMs({ sentAtSteady }: Pick<InflightRequest, 'sentAtSteady'>): number {
  return sentAtSteady === undefined ? 0 : SYSTEM_CLOCK.steady() - sentAtSteady
}

function canSendNow(this: RequestQueue): boolean {
  const isFull = this.inflight.size >= (this.maxInFlightRequests ?? Number.POSITIVE_INFINITY)
  return !isFull && this.throttledUntil <= SYSTEM_CLOCK.steady()
}

/** Answers of some requests, as those of SASL, do not say how long to hold back. */
function throttle(this: RequestQueue, throttleMs: number | null | undefined): void {
  if (throttleMs === null || throttleMs === undefined || throttleMs <= 0) return
  this.throttledUntil = Math.max(SYSTEM_CLOCK.steady() + throttleMs, this.throttledUntil)
}

function scheduleCheckPendingRequests(this: RequestQueue): void {
  if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return
  const waitMs = this.throttledUntil - SYSTEM_CLOCK.steady()
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null
      this.checkPendingRequests()
    },
    waitMs > 0 ? waitMs : CHECK_AGAIN_MS,
  )
}
