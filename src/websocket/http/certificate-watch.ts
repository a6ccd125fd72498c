import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'

const ANOTHER = 'server_certFile holds another certificate: a reload (SIGHUP) uses it'

export interface CertificateWatchDeps {
  readonly log: Logger
  /** The time at which the certificate in use expires, in seconds since the epoch. */
  readonly expiry: { set(labels: { listener: 'browsers' }, seconds: number): void }
}

/**
 * The certificate of the listener. uWebSockets.js reads the files once, and does not let go of the port while clients are connected. So
 * a new file is reported, and used when the operator asks for it.
 */
export class CertificateWatch {
  readonly #certFile: string
  readonly #deps: CertificateWatchDeps
  #inUse: string | undefined
  #reported: string | undefined

  constructor({ certFile }: { certFile: string }, deps: CertificateWatchDeps) {
    this.#certFile = certFile
    this.#deps = deps
  }

  /** The first look is at the certificate in use. Never rejects: a file that cannot be read now may be in the middle of its renewal. */
  async look(): Promise<void> {
    const { log, expiry } = this.#deps
    try {
      const { fingerprint256, validTo } = new X509Certificate(await readFile(this.#certFile))
      if (this.#inUse === undefined) expiry.set({ listener: 'browsers' }, Date.parse(validTo) / 1000)
      this.#inUse ??= fingerprint256
      if (fingerprint256 === this.#inUse) this.#reported = undefined
      if (fingerprint256 === this.#inUse || fingerprint256 === this.#reported) return
      this.#reported = fingerprint256
      log.warn({ certFile: this.#certFile, validTo }, ANOTHER)
    } catch (error) {
      log.debug({ err: error, certFile: this.#certFile }, 'server_certFile cannot be read now')
    }
  }

  /** The certificate that the file holds now is in use. */
  async renewed(): Promise<void> {
    this.#inUse = undefined
    this.#reported = undefined
    await this.look()
  }

  /** A sentence for readiness; null when there is nothing to say. */
  note(): string | null {
    return this.#reported === undefined ? null : ANOTHER
  }
}
