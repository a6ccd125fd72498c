import { createRequire } from 'node:module'
import { SYSTEM_CLOCK } from '../../../lifecycle/clock.ts'

/** The part of kafkajs's request queue of a connection that the patches touch. All times are by the steady clock. */
export interface RequestQueue {
  /** When a request on this connection last timed out; set by this patch. */
  timedOutAt?: number
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
  readonly requestTimeout: number
  timeoutRequest(): void
}

interface Patched {
  scheduleCheckPendingRequests(): void
  scheduleRequestTimeoutCheck(): void
  canSendSocketRequestImmediately(): boolean
  maybeThrottle(throttleMs: number | null | undefined): void
}

const CHECK_AGAIN_MS = 10
const LOOK_FOR_TIMEOUTS_MS = 500

/**
 * Replaces the timing of kafkajs 2.2.4 on a connection. It may run many times. Unpatched, kafkajs
 * - keeps arming a timer with a negative delay on each idle connection: thousands of timers a second, 5 % of a core with three brokers,
 *   and a warning each on Node 24;
 * - checks ten times a second on each connection whether a request is late, which would be half the cost of an idle bridge;
 * - measures by the wall clock: setting it back keeps requests from timing out and throttled connections silent; setting it forward
 *   times out requests that were just sent.
 */
export function patchRequestQueue(): void {
  const require = createRequire(import.meta.url)
  const { prototype } = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue & Patched }
  prototype.scheduleCheckPendingRequests = scheduleCheckPendingRequests
  prototype.scheduleRequestTimeoutCheck = scheduleRequestTimeoutCheck
  prototype.canSendSocketRequestImmediately = canSendNow
  prototype.maybeThrottle = throttle
  patchRequest((require('kafkajs/src/network/requestQueue/socketRequest') as { prototype: InflightRequest & { send(): void } }).prototype)
}

function patchRequest(prototype: InflightRequest & { send(): void }): void {
  const { send } = prototype
  if (send.name === sendAndRemember.name) return
  function sendAndRemember(this: InflightRequest): void {
    send.call(this)
    this.sentAtSteady = SYSTEM_CLOCK.steady()
  }
  prototype.send = sendAndRemember
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

function scheduleRequestTimeoutCheck(this: RequestQueue): void {
  if (!this.enforceRequestTimeout) return
  this.destroy()
  this.requestTimeoutIntervalId = setInterval(() => {
    for (const request of this.inflight.values()) {
      if (waitsForMs(request) <= request.requestTimeout) continue
      this.timedOutAt = SYSTEM_CLOCK.steady()
      request.timeoutRequest()
    }
    if (!this.isConnected()) this.destroy()
  }, LOOK_FOR_TIMEOUTS_MS)
}
