import { base58btc } from 'multiformats/bases/base58'

/** An Ed25519 peer id holds the whole public key, after these six bytes; an RSA peer id is a SHA-256. */
const ED25519_PEER_ID = Buffer.from('002408011220', 'hex')
const SHA256_PEER_ID = Buffer.from('1220', 'hex')

/** True for the base58 text of an Ed25519 or RSA peer id. */
export function isPeerId(value: string): boolean {
  if (!/^(12D3KooW|Qm)[1-9A-HJ-NP-Za-km-z]{40,60}$/.test(value)) return false
  try {
    const bytes = Buffer.from(base58btc.decode(`z${value}`))
    return (
      (bytes.length === 38 && bytes.subarray(0, 6).equals(ED25519_PEER_ID)) ||
      (bytes.length === 34 && bytes.subarray(0, 2).equals(SHA256_PEER_ID))
    )
  } catch {
    return false
  }
}

/** The peer id of an Ed25519 public key: base58 of 00 24 08 01 12 20 and its 32 bytes. */
export function peerIdOfPublicKey(publicKey: Uint8Array): string {
  return base58btc.encode(Buffer.concat([ED25519_PEER_ID, publicKey])).slice(1)
}
