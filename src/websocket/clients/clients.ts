import type { Logger } from 'pino'
import type { WebSocketMetrics } from '../../telemetry/websocket-metrics.ts'
import { CLOSE, errorFrame } from '../feed/frames.ts'
import type { Admission } from './admission.ts'
import type { Client } from './client.ts'

export interface ClientsOptions {
  readonly slowClientBytes: number
  readonly subscribeWithinMs: number
}

export interface ClientsDeps {
  readonly log: Logger
  readonly metrics: WebSocketMetrics
  readonly admission: Admission
  /** The cursor up to which every event has been sent to live clients. */
  cursor(): string | null
}

/** Upper bound on bytes published between two checks of the clients' unsent bytes. */
const LOOK_EACH_BYTES = 64 * 1024

/** The open connections: counts and logs them, and closes slow and unsubscribed clients. */
export class Clients {
  readonly #options: ClientsOptions
  readonly #deps: ClientsDeps
  readonly #open = new Set<Client>()
  #bytesSinceLook = 0

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
    const level = client.closeCause === 'slow' ? 'info' : 'debug'
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

  /** Checks for slow clients after every `LOOK_EACH_BYTES`, so that the check costs next to nothing per event. */
  published(bytes: number): void {
    this.#bytesSinceLook += bytes
    if (this.#bytesSinceLook >= LOOK_EACH_BYTES) this.closeSlow()
  }

  closeSlow(): void {
    this.#bytesSinceLook = 0
    for (const client of this.all()) {
      if (client.bufferedBytes() <= this.#options.slowClientBytes) continue
      // The close frame follows all unsent bytes, so a client that gets it has every event up to this cursor.
      client.close('slow', CLOSE.slow, (client.isLive && this.#deps.cursor()) || '')
    }
  }

  closeUnsubscribed(now: number): void {
    for (const client of this.all()) {
      if (client.protocol !== 'v1' || client.replay > 0 || now - client.openedAt < this.#options.subscribeWithinMs) continue
      client.send([errorFrame(`no subscribe message within ${this.#options.subscribeWithinMs / 1000} s`)])
      client.close('no-subscribe', CLOSE.noSubscribe, 'no subscribe message')
    }
  }
}
