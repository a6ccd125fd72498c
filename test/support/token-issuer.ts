import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from 'jose'

/** Who issues tokens, with a key of its own. */
export interface TokenIssuer {
  readonly kid: string
  readonly keySet: JSONWebKeySet
  /** `claims` replace or add; undefined leaves one out. */
  token(claims: Record<string, unknown>, header?: { namesKey: boolean }): Promise<string>
}

export async function createTokenIssuer(kid: string, alg = 'ES256'): Promise<TokenIssuer> {
  const { publicKey, privateKey } = await generateKeyPair(alg)
  const keySet = { keys: [{ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }] }
  return {
    kid,
    keySet,
    token: (claims, { namesKey } = { namesKey: true }) =>
      new SignJWT(claims).setProtectedHeader({ alg, ...(namesKey && { kid }) }).sign(privateKey),
  }
}
