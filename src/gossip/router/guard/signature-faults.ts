import type { RPC } from '@chainsafe/libp2p-gossipsub/message'
import { publicKeyFromProtobuf } from '@libp2p/crypto/keys'
import type { Refusal } from '../../refusals.ts'

/** A fault of a message's signature, and whether the neighbour that sent it is to blame. */
export interface SignatureFault {
  readonly reason: Refusal
  /** Honest nodes verify before they pass on, so only a neighbour that lies sends such a message. */
  readonly isBlamed: boolean
}

/** What an Ed25519 peer id begins with: multihash "identity" of 36 bytes, in it a key of type 1 with 32 bytes. */
const ED25519_PREFIX = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20]
const ED25519_LENGTH = 38
const MULTIHASH_HEAD = 2
export const SEQUENCE_NUMBER_LENGTH = 8

/**
 * Whether the signer, by its own account, has an Ed25519 key. Others (secp256k1, RSA, ECDSA) take up to forty times as long to verify
 * in JavaScript; no node of this network has one by default.
 */
export function isEd25519({ from }: RPC.Message): boolean {
  return from?.length === ED25519_LENGTH && ED25519_PREFIX.every((byte, index) => from[index] === byte)
}

/** Whether a key, as messages carry it, is the one in an Ed25519 peer id: the id without the head of its multihash. */
export function isEd25519KeyOf(key: Uint8Array, from: Uint8Array): boolean {
  return Buffer.compare(key, from.subarray(MULTIHASH_HEAD)) === 0
}

/**
 * What is wrong with a message whose signature the router did not accept. Not blamed is what other implementations pass on: Go takes
 * messages without sequence number, and what a signature of another kind of key may look like differs (secp256k1 signatures with a
 * high S are valid in Go and not in JavaScript).
 */
export function signatureFault(message: RPC.Message): SignatureFault {
  const { from, seqno, signature, key } = message
  if (signature === undefined || signature.length === 0) return { reason: 'no-signature', isBlamed: true }
  if (from === undefined || from.length === 0) return { reason: 'no-signer', isBlamed: true }
  if (seqno?.length !== SEQUENCE_NUMBER_LENGTH) return { reason: 'no-sequence-number', isBlamed: false }
  if (key !== undefined && key.length > 0) {
    const owner = ownerOf(key)
    if (owner === undefined) return { reason: 'unknown-key', isBlamed: false }
    if (Buffer.compare(owner, from) !== 0) return { reason: 'wrong-key', isBlamed: isEd25519(message) }
  }
  return isEd25519(message) ? { reason: 'bad-signature', isBlamed: true } : { reason: 'unknown-key', isBlamed: false }
}

/** The peer id of a key, as bytes; undefined for a key of no known form. */
function ownerOf(key: Uint8Array): Uint8Array | undefined {
  try {
    return publicKeyFromProtobuf(key).toMultihash().bytes
  } catch {
    return undefined
  }
}
