import { GossipSettingsError } from '../errors.ts'

const keyCharacters = 64

/**
 * The swarm key file that makes a network private, from `p2p_shared_key` as Teranode reads it: the first 64 hexadecimal
 * characters are the key, the rest is ignored.
 */
export function swarmKeyOf(sharedKey: string): Uint8Array {
  const key = sharedKey.trim().slice(0, keyCharacters).toLowerCase()
  if (key.length < keyCharacters) {
    throw new GossipSettingsError(`p2p_shared_key has ${key.length} characters: it must begin with 64 hexadecimal characters`)
  }
  if (!/^[0-9a-f]+$/.test(key)) {
    throw new GossipSettingsError('p2p_shared_key is not hexadecimal: it must begin with 64 hexadecimal characters')
  }
  return new TextEncoder().encode(`/key/swarm/psk/1.0.0/\n/base16/\n${key}`)
}
