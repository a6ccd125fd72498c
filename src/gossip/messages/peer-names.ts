import type { PeerId } from '@libp2p/interface'
import { bytesAsKey } from '../node/message-id.ts'

const MAX_NAMES = 1000

/**
 * Caches the text of recent signers' peer ids: libp2p creates a new peer id object for each message, and its base58 costs more than
 * the rest of the lookup. A full cache is cleared, which costs each signer one conversion.
 */
export class PeerNames {
  readonly #names = new Map<string, string>()

  of(peer: PeerId): string {
    const key = bytesAsKey(peer.toMultihash().bytes)
    const known = this.#names.get(key)
    if (known !== undefined) return known
    if (this.#names.size >= MAX_NAMES) this.#names.clear()
    const name = peer.toString()
    this.#names.set(key, name)
    return name
  }

  get size(): number {
    return this.#names.size
  }
}
