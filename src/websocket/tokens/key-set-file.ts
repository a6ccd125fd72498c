import { readFile } from 'node:fs/promises'
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import type { Logger } from 'pino'

/** There are no keys to start with. The message names the setting and what to do. */
export class KeySetError extends Error {
  override readonly name = 'KeySetError'
  readonly code = 'BRIDGE_TOKEN_KEYS'
}

export interface KeySetFileOptions {
  /** `ws_auth_jwks_file`. */
  readonly file: string
}

export interface KeySetFileDeps {
  readonly log: Pick<Logger, 'warn' | 'info'>
}

const MOST_BYTES = 256 * 1024
/** Private parts of RSA, elliptic-curve and symmetric keys (RFC 7518, 6; RFC 8037). */
const PRIVATE_PARTS = ['d', 'k']

/** The issuer's public keys, read again when the file changes. A file that cannot be used leaves the keys as they were. */
export class KeySetFile {
  readonly #file: string
  readonly #deps: KeySetFileDeps
  #text: string | null = null
  #keys: JWTVerifyGetKey | null = null
  #fault: string | null = null

  constructor({ file }: KeySetFileOptions, deps: KeySetFileDeps) {
    this.#file = file
    this.#deps = deps
  }

  /** Rejects with a KeySetError. */
  async open(): Promise<void> {
    try {
      await this.#read()
    } catch (cause) {
      throw new KeySetError(`ws_auth_jwks_file ${this.#file} ${faultOf(cause)}`, { cause })
    }
  }

  /** Never rejects: a file that is being replaced is read at the next look. */
  async look(): Promise<void> {
    try {
      const isNew = await this.#read()
      if (isNew) this.#deps.log.info({ file: this.#file }, 'the keys of ws_auth_jwks_file have changed; new clients are checked with them')
      this.#fault = null
    } catch (error) {
      const fault = faultOf(error)
      if (fault !== this.#fault)
        this.#deps.log.warn({ file: this.#file, fault }, 'ws_auth_jwks_file cannot be used: the keys stay as they were')
      this.#fault = fault
    }
  }

  /** A sentence for readiness; null when there is nothing to say. */
  note(): string | null {
    return this.#fault === null ? null : `ws_auth_jwks_file ${this.#fault}: the keys stay as they were`
  }

  current(): JWTVerifyGetKey {
    if (this.#keys === null) throw new KeySetError('ws_auth_jwks_file has not been read yet')
    return this.#keys
  }

  /** Whether the file has changed. */
  async #read(): Promise<boolean> {
    const text = await readFile(this.#file, 'utf8')
    if (text === this.#text) return false
    this.#keys = createLocalJWKSet(parseKeySet(text))
    this.#text = text
    return true
  }
}

/** Keys of other kinds and uses may stand beside those that check tokens. Throws a KeySetError. */
export function parseKeySet(text: string): JSONWebKeySet {
  if (text.length > MOST_BYTES) throw new KeySetError(`has more than ${MOST_BYTES} bytes`)
  const set = parseJson(text)
  const keys = typeof set === 'object' && set !== null && 'keys' in set && Array.isArray(set.keys) ? set.keys : null
  if (keys === null || keys.length === 0) throw new KeySetError('is no JSON Web Key Set: it needs "keys", a list of at least one key')
  if (keys.some((key) => typeof key !== 'object' || key === null || typeof key.kty !== 'string'))
    throw new KeySetError('has a key without "kty"')
  if (keys.some((key) => PRIVATE_PARTS.some((part) => part in key)))
    throw new KeySetError('holds a private or symmetric key: give the bridge public keys only')
  return { keys }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new KeySetError('is not JSON', { cause })
  }
}

function faultOf(error: unknown): string {
  if (error instanceof KeySetError) return error.message
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return `cannot be read (${code ?? 'no reason given'})`
}
