import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { parseKeySet } from './key-set-file.ts'

export interface KeySetFactsOptions {
  /** The text of `ws_auth_jwks_file`. */
  readonly text: string
  /** `ws_auth_algorithms`. */
  readonly algorithms: readonly string[]
}

/** What the keys of a set are good for. */
export interface KeySetFacts {
  /** Keys that can check a token. */
  readonly usable: number
  /** The others, each as a phrase like `key "a" is for RS512, which ws_auth_algorithms does not list`. */
  readonly unusable: readonly string[]
}

/** RFC 7518, 3.3: smaller ones must not be used. */
const LEAST_RSA_BITS = 2048
const CURVES: Readonly<Record<string, readonly string[]>> = {
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
  Ed25519: ['EdDSA', 'Ed25519'],
}
const OF_RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']

/** Looks at each key of a set. Throws a KeySetError for what is no set of public keys. */
export function keySetFacts({ text, algorithms }: KeySetFactsOptions): KeySetFacts {
  const { keys } = parseKeySet(text)
  const unusable = keys.flatMap((key, index) => {
    const fault = faultOfKey(key, algorithms)
    return fault === undefined ? [] : [`key ${typeof key.kid === 'string' ? JSON.stringify(key.kid) : index + 1} ${fault}`]
  })
  return { usable: keys.length - unusable.length, unusable }
}

function faultOfKey(key: JsonWebKey, algorithms: readonly string[]): string | undefined {
  const { alg, use, key_ops: operations } = key
  if (use !== undefined && use !== 'sig') return `is for another use (${JSON.stringify(use)}) than signatures`
  if (Array.isArray(operations) && !operations.includes('verify')) return 'has key_ops without "verify"'
  const fitting = algorithmsOf(key)
  if (fitting.length === 0) return `has the kind ${JSON.stringify(key.crv ?? key.kty)}, which checks no token here`
  if (typeof alg === 'string' && !fitting.includes(alg)) return `has the algorithm ${JSON.stringify(alg)}, which its kind does not have`
  const wanted = typeof alg === 'string' ? [alg] : fitting
  if (!wanted.some((each) => algorithms.includes(each))) return `is for ${wanted.join(', ')}, which ws_auth_algorithms does not list`
  return faultOfMaterial(key)
}

function algorithmsOf({ kty, crv }: JsonWebKey): readonly string[] {
  if (kty === 'RSA') return OF_RSA
  return (kty === 'EC' || kty === 'OKP') && typeof crv === 'string' ? (CURVES[crv] ?? []) : []
}

function faultOfMaterial(key: JsonWebKey): string | undefined {
  try {
    const bits = createPublicKey({ key, format: 'jwk' }).asymmetricKeyDetails?.modulusLength
    return bits !== undefined && bits < LEAST_RSA_BITS ? `has ${bits} bits, and RSA needs ${LEAST_RSA_BITS}` : undefined
  } catch {
    return 'is damaged: its numbers are no public key'
  }
}
