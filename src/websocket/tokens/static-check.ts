import { createHash, timingSafeEqual } from 'node:crypto'
import type { TokenCheck } from './token-check.ts'

export interface StaticCheckOptions {
  /** May change while it is used: a reload of the settings applies to new clients. */
  readonly token: string
}

/** One token for all clients. It compares digests, because a comparison takes constant time only for texts of one length. */
export function staticCheck(options: StaticCheckOptions): TokenCheck {
  let expected = digestOf(options.token)
  return (token) => {
    // Empty when a reload has read another ws_auth, which needs a restart: until then this token holds.
    if (options.token !== '') expected = digestOf(options.token)
    return timingSafeEqual(digestOf(token), expected)
      ? { refusal: null, expiresAt: null }
      : { refusal: 'wrong', text: 'the token is not that of ws_auth_token' }
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
