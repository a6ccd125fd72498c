import type { Ed25519PeerId } from '@libp2p/interface'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import { decode } from 'multiformats/hashes/digest'
import { dropOldest } from '../../../lifecycle/bounds/drop-oldest.ts'

const MAX_SIGNERS = 1000

/**
 * The peer ids of recent signers with an Ed25519 key. The router alone makes a new peer id with a new key for each message.
 * Beyond the bound the oldest leave, and are made again.
 */
export class Signers {
  readonly #known = new Map<string, Ed25519PeerId>()

  /** `bytes` are those of an Ed25519 peer id, `key` is the same as text. */
  of(key: string, bytes: Uint8Array): Ed25519PeerId {
    const known = this.#known.get(key)
    if (known) return known
    // A copy: the bytes are a part of an RPC, which they would keep in memory.
    const signer = peerIdFromMultihash(decode(bytes.slice())) as Ed25519PeerId
    this.#known.set(key, signer)
    dropOldest(this.#known, MAX_SIGNERS)
    return signer
  }

  get size(): number {
    return this.#known.size
  }
}
