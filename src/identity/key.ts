import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { generateKeyPair, generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import type { Identity } from './ports.ts'

const seedBytes = 32
const halfBytes = 32
/** Prefix of libp2p's own encoding of an Ed25519 private key: type 1, then 64 bytes of data. */
const protobufHead = '08011240'

/** The given key is invalid. The message names the setting and never shows the value. */
export class WrongKeyError extends Error {
  override readonly name = 'WrongKeyError'
  readonly code = 'BRIDGE_IDENTITY_KEY'
}

/**
 * Reads `p2p_private_key` in the formats that Teranode writes: hex of seed and public key (64 bytes), or of seed and twice
 * the public key (96 bytes, its generated `p2p.key`). libp2p's own encoding of an Ed25519 key (68 bytes) is accepted too.
 * `name` is the setting that an error names.
 */
export async function identityFromHex(text: string, name = 'p2p_private_key'): Promise<Identity> {
  const wrongKey = (what: string) => wrongKeyOf(name, what)
  const hex = text.trim().toLowerCase()
  if (!/^([0-9a-f]{2})+$/.test(hex)) throw wrongKey('is not hexadecimal')
  const isProtobuf = hex.length === 136 && hex.startsWith(protobufHead)
  const bytes = Buffer.from(isProtobuf ? hex.slice(protobufHead.length) : hex, 'hex')
  if (bytes.length !== 64 && bytes.length !== 96) throw wrongKey(`has ${bytes.length} bytes`)
  const key = await generateKeyPairFromSeed('Ed25519', bytes.subarray(0, seedBytes))
  for (let start = seedBytes; start < bytes.length; start += halfBytes) {
    if (!bytes.subarray(start, start + halfBytes).equals(key.publicKey.raw))
      throw wrongKey('has a public half that does not belong to its seed')
  }
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

function wrongKeyOf(name: string, what: string): WrongKeyError {
  return new WrongKeyError(
    `${name} ${what}: it must be an Ed25519 key as hex, seed and public key (128 characters) or seed and twice the public key (192 characters)`,
  )
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
