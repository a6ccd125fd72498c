import type { Logger } from 'pino'
import type { Clock } from '../../lifecycle/clock.ts'
import { Guesses } from '../../lifecycle/pace/guesses.ts'
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
  readonly clock: Pick<Clock, 'wall' | 'steady'>
}

/** Wrong tokens of one network. A whole office with an old token may come at once, and a signature costs 0.1 ms to check. */
export const WRONG_TOKENS = { perSecond: 10, burst: 100 }
const TOO_OFTEN: TokenVerdict = { refusal: 'too-often', text: 'too many wrong tokens from this address; try again in a few seconds' }

interface TokenGateParts {
  readonly check: TokenCheck
  readonly keys: Pick<KeySetFile, 'look' | 'note'> | null
  readonly clock: Pick<Clock, 'steady'>
}

/** Lets clients in by their token. */
export class TokenGate {
  readonly #check: TokenCheck
  readonly #keys: Pick<KeySetFile, 'look' | 'note'> | null
  readonly #guesses: Guesses

  constructor({ check, keys, clock }: TokenGateParts) {
    this.#check = check
    this.#keys = keys
    this.#guesses = new Guesses(WRONG_TOKENS, { clock })
  }

  /** Reads the keys again if their file has changed. Never rejects. */
  async look(): Promise<void> {
    await this.#keys?.look()
  }

  /** A sentence for readiness; null when there is nothing to say. */
  note(): string | null {
    return this.#keys?.note() ?? null
  }

  /** `token` is empty for a client that brings none; `network` is the unit of counting of its address. Never rejects. */
  check(token: string, network: string): TokenVerdict | Promise<TokenVerdict> {
    if (token === '') return { refusal: 'missing', text: 'a token is needed' }
    if (this.#guesses.areTooMany(network)) return TOO_OFTEN
    const verdict = this.#check(token)
    return verdict instanceof Promise ? verdict.then((found) => this.#counted(found, network)) : this.#counted(verdict, network)
  }

  /** An expired token was a right one. */
  #counted(verdict: TokenVerdict, network: string): TokenVerdict {
    if (verdict.refusal === 'wrong' && verdict.isGuess !== false) this.#guesses.wrong(network)
    return verdict
  }
}

/** Rejects with a KeySetError when there are no keys. The library for JSON Web Tokens is loaded only where it is needed. */
export async function openTokenGate(options: TokenGateOptions, { log, clock }: TokenGateDeps): Promise<TokenGate> {
  if (options.kind === 'static') return new TokenGate({ check: staticCheck(options), keys: null, clock })
  const [{ jwtCheck }, { KeySetFile }] = await Promise.all([import('./jwt-check.ts'), import('./key-set-file.ts')])
  const keys = new KeySetFile({ file: options.keysFile }, { log })
  await keys.open()
  return new TokenGate({ check: jwtCheck(options, { keys, clock }), keys, clock })
}
