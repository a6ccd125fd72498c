/// <reference path="./sodium-native.d.ts" />
import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey, Ed25519PublicKey } from '@libp2p/interface'

type Verify = Ed25519PublicKey['verify']
type Sign = Ed25519PrivateKey['sign']
type SignDetached = (signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array) => void
type VerifyDetached = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean

const SIGNATURE_BYTES = 64

/**
 * Lets this key sign with libsodium: 18 us a message rather than 40 with OpenSSL, and the same bytes, since Ed25519 is deterministic
 * (RFC 8032). Rejects when libsodium does not load on this system.
 */
export async function signWithSodium(key: Ed25519PrivateKey): Promise<void> {
  const { default: sodium } = await import('sodium-native')
  key.sign = createSign(sodium.crypto_sign_detached, key.raw)
}

/** The method `sign` of a key. `secretKey` is the seed and the public key. */
export function createSign(signDetached: SignDetached, secretKey: Uint8Array): Sign {
  return function sign(data, options) {
    options?.signal?.throwIfAborted()
    const signature = new Uint8Array(SIGNATURE_BYTES)
    signDetached(signature, data instanceof Uint8Array ? data : data.subarray(), secretKey)
    return signature
  }
}

/**
 * Verifies Ed25519 signatures of all libp2p nodes of this process with libsodium, which takes less than half of the time of
 * OpenSSL in Node.js: 51 and 125 us on the machine of bench/README.md. The signature is the largest part of the cost of a gossip
 * message. Rejects when libsodium does not load on this system; signatures are verified by OpenSSL then.
 *
 * A patch of the class rather than of the router, because the router creates a key object for each message, and @libp2p/crypto
 * neither exports the class nor takes another implementation.
 */
export async function verifyWithSodium(): Promise<void> {
  const { default: sodium } = await import('sodium-native')
  const keys = Object.getPrototypeOf(publicKeyFromRaw(new Uint8Array(32))) as { verify: Verify & { isPatched?: true } }
  if (keys.verify.isPatched) return
  keys.verify = Object.assign(createVerify(sodium.crypto_sign_verify_detached, keys.verify), { isPatched: true as const })
}

/**
 * The method `verify` of a key. libsodium accepts no signature that OpenSSL refuses. It refuses some forms of keys and signatures that
 * OpenSSL and Go accept, so `openSsl` decides what it refuses: all nodes have to agree on what is validly signed.
 */
export function createVerify(verifyDetached: VerifyDetached, openSsl: Verify): Verify {
  return function verify(this: Ed25519PublicKey, data, signature, options) {
    options?.signal?.throwIfAborted()
    const message = data instanceof Uint8Array ? data : data.subarray()
    if (signature.length === SIGNATURE_BYTES && verifyDetached(signature, message, this.raw)) return true
    return openSsl.call(this, message, signature, options)
  }
}
