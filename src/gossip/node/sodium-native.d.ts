/** The one function that the bridge uses. The package has no types. */
declare module 'sodium-native' {
  const sodium: {
    /** Throws unless the signature has 64 bytes and the key 32. */
    crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
  }
  export = sodium
}
