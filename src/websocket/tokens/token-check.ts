/** Why a token does not let its client in: a label of the metric. */
export type TokenRefusal = 'missing' | 'wrong' | 'expired' | 'too-often'

export type TokenVerdict =
  /** `expiresAt`: when the connection has to end, in milliseconds since the epoch; null for never. */
  | { readonly refusal: null; readonly expiresAt: number | null }
  /**
   * `text` is a phrase for client and log, without the token. `isGuess` false: a wrong token that counts against no address, such as one
   * that is signed with a key that has not come here yet.
   */
  | { readonly refusal: TokenRefusal; readonly text: string; readonly isGuess?: false }

export type TokenCheck = (token: string) => TokenVerdict | Promise<TokenVerdict>
