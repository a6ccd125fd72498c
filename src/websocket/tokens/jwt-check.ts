import { errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose'
import type { Clock } from '../../lifecycle/clock.ts'
import type { TokenCheck, TokenVerdict } from './token-check.ts'

export interface JwtCheckOptions {
  readonly issuer: string
  readonly audience: string
  readonly algorithms: readonly string[]
}

export interface JwtCheckDeps {
  /** The keys as they are now. */
  readonly keys: { current(): JWTVerifyGetKey }
  readonly clock: Pick<Clock, 'wall'>
}

/** How far the issuer's clock and ours may be apart. */
const LEEWAY_S = 5
/** Keys that are tried for a token that does not name its key. */
const MOST_KEYS = 8

/** After a change of keys, tokens may come some seconds before the keys do. It costs no check of a signature. */
const NO_KEY: TokenVerdict = { refusal: 'wrong', text: 'no key of ws_auth_jwks_file matches the token', isGuess: false }

/** Checks JSON Web Tokens (RFC 7519): signature, issuer, audience and times. A token without an expiry is refused. */
export function jwtCheck({ issuer, audience, algorithms }: JwtCheckOptions, { keys, clock }: JwtCheckDeps): TokenCheck {
  const claims = { issuer, audience, algorithms: [...algorithms], requiredClaims: ['exp'], clockTolerance: LEEWAY_S }
  return async (token) => {
    try {
      const { exp = 0 } = await verify(token, keys.current(), { ...claims, currentDate: new Date(clock.wall()) })
      return { refusal: null, expiresAt: (exp + LEEWAY_S) * 1000 }
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { refusal: 'expired', text: 'the token has expired' }
      if (error instanceof errors.JWKSNoMatchingKey) return NO_KEY
      return { refusal: 'wrong', text: reasonOf(error) }
    }
  }
}

async function verify(token: string, keys: JWTVerifyGetKey, wanted: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys, wanted)).payload
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    return await tryKeys(error, token, wanted)
  }
}

async function tryKeys(several: errors.JWKSMultipleMatchingKeys, token: string, wanted: JWTVerifyOptions): Promise<JWTPayload> {
  let left = MOST_KEYS
  for await (const key of several) {
    try {
      return (await jwtVerify(token, key, wanted)).payload
    } catch (error) {
      left -= 1
      if (!(error instanceof errors.JWSSignatureVerificationFailed) || left === 0) throw error
    }
  }
  throw new errors.JWSSignatureVerificationFailed()
}

/** Words of our own, because the library's may repeat what stands in the token. */
function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTClaimValidationFailed) return `the claim ${error.claim} of the token is missing or wrong`
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature of the token is wrong'
  if (error instanceof errors.JOSEAlgNotAllowed) return 'the algorithm of the token is not among ws_auth_algorithms'
  return 'the token is no JSON Web Token that can be checked'
}
