import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'

export interface CertificateWatchDeps {
  readonly log: Logger
  /** The time at which the certificate in use expires, in seconds since the epoch. */
  readonly expiry: { set(labels: { listener: 'browsers' }, seconds: number): void }
}

/**
 * The certificate of the listener. uWebSockets.js reads the files once, and does not let go of the port while clients are connected. So
 * a new file is reported, and used after a restart.
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
      if (fingerprint256 === this.#inUse || fingerprint256 === this.#reported) return
      this.#reported = fingerprint256
      log.warn({ certFile: this.#certFile, validTo }, 'server_certFile holds another certificate: restart this instance to use it')
    } catch (error) {
      log.debug({ err: error, certFile: this.#certFile }, 'server_certFile cannot be read now')
    }
  }

  /** A sentence for readiness; null when there is nothing to say. */
  note(): string | null {
    return this.#reported === undefined ? null : 'server_certFile holds another certificate: restart this instance to use it'
  }
}
