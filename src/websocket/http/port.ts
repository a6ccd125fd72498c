import type uWS from 'uWebSockets.js'
import type { Logger } from 'pino'
import { formatListenAddress, type ListenAddress } from '../../addresses/host-port.ts'
import { sleep } from '../../lifecycle/time.ts'
import { CertificateWatch, type CertificateWatchDeps } from './certificate-watch.ts'
import { createApp, type Listening, listen, type TlsFiles } from './listening.ts'

const TRY_AGAIN_MS = 1000

export interface PortOptions {
  readonly listenAddress: ListenAddress
  /** Null for plain HTTP. */
  readonly tls: TlsFiles | null
}

export interface PortDeps {
  readonly log: Logger
  readonly expiry: CertificateWatchDeps['expiry']
  readonly addRoutes: (app: uWS.TemplatedApp) => void
  /** Asks all clients to come back: the port is about to be closed. */
  readonly drain: () => Promise<void>
}

/** The port of the native server. It can be opened anew with another certificate: uWebSockets.js reads the files once for each application. */
export class Port {
  readonly #options: PortOptions
  readonly #deps: PortDeps
  readonly #certificate: CertificateWatch | null
  readonly #closing = new AbortController()
  #app: uWS.TemplatedApp | null = null
  #listening: Listening | null = null
  #renewing: Promise<void> = Promise.resolve()

  constructor(options: PortOptions, deps: PortDeps) {
    this.#options = options
    this.#deps = deps
    this.#certificate = options.tls && new CertificateWatch(options.tls, deps)
  }

  /** Resolves once it listens; rejects with a ListenError that names the setting. */
  async open(): Promise<void> {
    await this.#certificate?.look()
    this.#app = await createApp(this.#options.tls)
    this.#deps.addRoutes(this.#app)
    this.#listening = await listen(this.#app, this.#options.listenAddress)
    if (this.#closing.signal.aborted) this.close()
  }

  /** Null while it is not open. */
  get app(): uWS.TemplatedApp | null {
    return this.#app
  }

  /** The number of the port; 0 while it is not open. */
  get number(): number {
    return this.#listening?.port ?? 0
  }

  /** Whether the files hold another certificate than the one in use. Never rejects. */
  async look(): Promise<void> {
    await this.#certificate?.look()
  }

  /** A sentence for readiness; null when there is nothing to say. */
  note(): string | null {
    return this.#certificate?.note() ?? null
  }

  /**
   * Takes over the certificate that the files hold now, if it is another one: all clients are asked to come back, and the port is opened
   * anew. Files that cannot be used change nothing. Never rejects.
   */
  renew(): Promise<void> {
    this.#renewing = this.#renewing.then(() => this.#renew())
    return this.#renewing
  }

  async #renew(): Promise<void> {
    await this.#certificate?.look()
    if (this.#listening === null || this.note() === null) return
    const { log, drain, addRoutes } = this.#deps
    const { tls, listenAddress } = this.#options
    let next: uWS.TemplatedApp
    try {
      next = await createApp(tls)
    } catch (err) {
      return log.error({ err }, 'the new certificate cannot be used, the old one stays in use')
    }
    const address = { ...listenAddress, port: this.number }
    this.refuseNew()
    await drain()
    this.#app?.close()
    this.#app = next
    if (this.#closing.signal.aborted) return this.close()
    addRoutes(next)
    this.#listening = await this.#listenAgain(next, address)
    await this.#certificate?.renewed()
    log.warn({ certFile: tls?.certFile }, 'the new certificate is in use')
  }

  /** Another program may have taken the port in the moment between. */
  async #listenAgain(app: uWS.TemplatedApp, address: ListenAddress): Promise<Listening | null> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      try {
        return await listen(app, address)
      } catch (err) {
        this.#deps.log.error({ err, address: formatListenAddress(address) }, 'the port could not be opened again, trying until it works')
        await sleep(TRY_AGAIN_MS, signal)
      }
    }
    return null
  }

  /** Accepts no new connections; open ones stay. */
  refuseNew(): void {
    this.#listening?.close()
    this.#listening = null
  }

  /** Ends all connections. */
  close(): void {
    this.#closing.abort()
    this.refuseNew()
    this.#app?.close()
    this.#app = null
  }
}
