/** The functions that the bridge uses. The package has no types. */
declare module 'sodium-native' {
  const sodium: {
    /** Writes 64 bytes into the signature. The secret key is the seed and the public key, 64 bytes. */
    crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void
    /** Throws unless the signature has 64 bytes and the key 32. */
    crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
  }
  export = sodium
}
