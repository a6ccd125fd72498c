import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import type { KeySetFile } from './key-set-file.ts'
import { staticCheck } from './static-check.ts'
import type { TokenCheck, TokenVerdict } from './token-check.ts'

/** `ws_auth` other than `none`. */
export type TokenGateOptions =
  | { readonly kind: 'static'; readonly token: string }
  | {
      readonly kind: 'jwt'
      /** JSON Web Key Set (RFC 7517) with the public keys of the issuer. */
      readonly keysFile: string
      readonly issuer: string
      readonly audience: string
      readonly algorithms: readonly string[]
    }

export interface TokenGateDeps {
  readonly log: Pick<Logger, 'warn' | 'info'>
  readonly clock: Pick<Clock, 'wall'>
}

/** Lets clients in by their token. */
export class TokenGate {
  readonly #check: TokenCheck
  readonly #keys: Pick<KeySetFile, 'look' | 'note'> | null

  constructor({ check, keys }: { check: TokenCheck; keys: Pick<KeySetFile, 'look' | 'note'> | null }) {
    this.#check = check
    this.#keys = keys
  }

  /** Reads the keys again if their file has changed. Never rejects. */
  async look(): Promise<void> {
    await this.#keys?.look()
  }

  /** A sentence for readiness; null when there is nothing to say. */
  note(): string | null {
    return this.#keys?.note() ?? null
  }

  /** `token` is empty for a client that brings none. Never rejects. */
  check(token: string): TokenVerdict | Promise<TokenVerdict> {
    return token === '' ? { refusal: 'missing', text: 'a token is needed' } : this.#check(token)
  }
}

/** Rejects with a KeySetError when there are no keys. The library for JSON Web Tokens is loaded only where it is needed. */
export async function openTokenGate(options: TokenGateOptions, { log, clock }: TokenGateDeps): Promise<TokenGate> {
  if (options.kind === 'static') return new TokenGate({ check: staticCheck(options), keys: null })
  const [{ jwtCheck }, { KeySetFile }] = await Promise.all([import('./jwt-check.ts'), import('./key-set-file.ts')])
  const keys = new KeySetFile({ file: options.keysFile }, { log })
  await keys.open()
  return new TokenGate({ check: jwtCheck(options, { keys, clock }), keys })
}
