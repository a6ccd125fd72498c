import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import type { WebSocketMetrics } from '../../telemetry/websocket-metrics.ts'
import { CLOSE, errorFrame } from '../feed/frames.ts'
import type { Admission } from './admission.ts'
import type { Client } from './client.ts'

export interface ClientsOptions {
  readonly slowClientBytes: number
  /** Upper bound on the unsent bytes of all clients together. */
  readonly maxUnsentBytes: number
  readonly subscribeWithinMs: number
}

export interface ClientsDeps {
  readonly log: Logger
  readonly metrics: WebSocketMetrics
  readonly admission: Admission
  readonly clock: Pick<Clock, 'steady'>
  /** The cursor up to which every event has been sent to live clients. */
  cursor(): string | null
}

/** Upper bound on bytes published between two checks of the clients' unsent bytes. */
const LOOK_EACH_BYTES = 64 * 1024
/** The same when each of very many clients may keep what is published. */
const LOOK_AT_LEAST_BYTES = 4 * 1024
/** How long a client may take to read what is left for it before its close frame. */
const ENDING_MS = 10_000

/** The open connections: counts and logs them, and closes slow and unsubscribed clients. */
export class Clients {
  readonly #options: ClientsOptions
  readonly #deps: ClientsDeps
  readonly #open = new Set<Client>()
  #bytesSinceLook = 0
  #lookEachBytes = LOOK_EACH_BYTES

  constructor(options: ClientsOptions, deps: ClientsDeps) {
    this.#options = options
    this.#deps = deps
  }

  opened(client: Client): void {
    this.#open.add(client)
    if (client.isOwn) return
    this.#deps.metrics.clients.inc({ protocol: client.protocol })
    this.#deps.metrics.opened.inc({ protocol: client.protocol })
  }

  closed(client: Client, code: number, reason: string): void {
    client.detach()
    if (!this.#open.delete(client) || client.isOwn) return
    const { admission, metrics, log } = this.#deps
    admission.release(client.address.network)
    metrics.clients.dec({ protocol: client.protocol })
    if (client.closeCause === 'left' && reason.includes('timed out')) client.closeCause = 'idle'
    metrics.closed.inc({ cause: client.closeCause })
    const level = client.closeCause === 'slow' || client.closeCause === 'memory' ? 'info' : 'debug'
    log[level]({ address: client.address.text, protocol: client.protocol, cause: client.closeCause, code, reason }, 'browser client closed')
  }

  all(): readonly Client[] {
    return [...this.#open]
  }

  /** Number of clients, without the process's own. */
  count(): number {
    return this.#open.size - (this.hasOwn() ? 1 : 0)
  }

  hasOwn(): boolean {
    for (const { isOwn } of this.#open) if (isOwn) return true
    return false
  }

  /** Checks for slow clients after so many bytes that the check costs next to nothing per event. */
  published(bytes: number): void {
    this.#bytesSinceLook += bytes
    if (this.#bytesSinceLook >= this.#lookEachBytes) this.closeSlow()
  }

  /** Closes the clients that are too far behind, and the slowest ones while all unsent bytes together are too many. */
  closeSlow(): void {
    this.#bytesSinceLook = 0
    const { slowClientBytes, maxUnsentBytes } = this.#options
    const now = this.#deps.clock.steady()
    let unsent = 0
    for (const client of this.#open) {
      const bytes = client.bufferedBytes()
      unsent += bytes
      if (client.endingSince !== null) {
        if (now - client.endingSince > ENDING_MS) client.kill()
      } else if (bytes > slowClientBytes) this.#closeSlow(client, now)
    }
    if (unsent > maxUnsentBytes) unsent = this.#freeBytes(unsent)
    this.#deps.metrics.unsent.set(unsent)
    const roomPerClient = Math.max(0, maxUnsentBytes - unsent) / (2 * Math.max(1, this.#open.size))
    this.#lookEachBytes = Math.min(LOOK_EACH_BYTES, Math.max(LOOK_AT_LEAST_BYTES, roomPerClient))
  }

  /** The close frame follows all unsent bytes, so a client that gets it has every event up to this cursor. */
  #closeSlow(client: Client, now: number): void {
    const reason = (client.isLive && this.#deps.cursor()) || ''
    client.close({ cause: 'slow', code: CLOSE.slow, reason, now })
  }

  /** Ends the connections with the most unsent bytes at once, because a close frame would wait behind them. Returns what is left. */
  #freeBytes(unsent: number): number {
    const slowest = [...this.#open].map((client) => ({ client, bytes: client.bufferedBytes() })).sort((a, b) => b.bytes - a.bytes)
    let left = unsent
    for (const { client, bytes } of slowest) {
      if (left <= this.#options.maxUnsentBytes) break
      client.kill('memory')
      left -= bytes
    }
    return left
  }

  closeUnsubscribed(now: number): void {
    for (const client of this.all()) {
      if (client.protocol !== 'v1' || client.hasSubscribed || now - client.openedAt < this.#options.subscribeWithinMs) continue
      client.send(errorFrame('no-subscribe', `no subscribe message within ${this.#options.subscribeWithinMs / 1000} s`))
      client.close({ cause: 'no-subscribe', code: CLOSE.noSubscribe, reason: 'no subscribe message', now })
    }
  }

  /** `wall` is the time by the wall clock, which tokens go by. */
  closeExpired({ wall, steady }: { wall: number; steady: number }): void {
    for (const client of this.#open) {
      if (client.expiresAt === null || client.expiresAt > wall) continue
      client.close({ cause: 'token-expired', code: CLOSE.unauthorized, reason: 'the token has expired', now: steady })
    }
  }
}
