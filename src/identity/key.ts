import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { generateKeyPair, generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { KEY_FORMS, parseKey } from './key-text.ts'
import type { Identity } from './ports.ts'

const seedBytes = 32

/** The given key is invalid. The message names the setting and never shows the value. */
export class WrongKeyError extends Error {
  override readonly name = 'WrongKeyError'
  readonly code = 'BRIDGE_IDENTITY_KEY'
}

/** Reads a key in every form that `parseKey` knows. `name` is the source of the text, for the error. */
export async function identityFromText(text: string, name = 'p2p_private_key'): Promise<Identity> {
  const parsed = parseKey(text)
  if ('fault' in parsed) throw new WrongKeyError(`${name} ${parsed.fault}: it must be ${KEY_FORMS}`)
  const key = await generateKeyPairFromSeed('Ed25519', parsed.seed)
  return { peerId: peerIdOf(key), isEphemeral: false, privateKey: withKeptHandle(key) }
}

/** Creates a key, for this process only unless it is stored. */
export async function ephemeralIdentity(): Promise<Identity> {
  const key = await generateKeyPair('Ed25519')
  return { peerId: peerIdOf(key), isEphemeral: true, privateKey: withKeptHandle(key) }
}

/** The peer id in base58, as Teranode writes it (`12D3KooW...`). */
export function peerIdOf(key: Ed25519PrivateKey): string {
  return key.publicKey.toString()
}

/** libp2p parses the key for every signature; keeping the parsed key makes publishing a third cheaper. */
function withKeptHandle(key: Ed25519PrivateKey): Ed25519PrivateKey {
  const handle: KeyObject = createPrivateKey({
    format: 'jwk',
    key: { kty: 'OKP', crv: 'Ed25519', d: base64url(key.raw.subarray(0, seedBytes)), x: base64url(key.publicKey.raw) },
  })
  key.sign = (message) => sign(null, message instanceof Uint8Array ? message : message.subarray(), handle)
  return key
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
