import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { peerIdOfPublicKey } from './peer-id.ts'

/** An Ed25519 key. */
export interface KeyPair {
  /** 32 bytes. */
  readonly seed: Uint8Array
  /** 32 bytes. */
  readonly publicKey: Uint8Array
}

/** Why text is no key, to follow the name of its source. It never contains the text. */
export interface KeyFault {
  readonly fault: string
}

const HALF = 32
/** Prefix of libp2p's own encoding of an Ed25519 private key: type 1, then 64 bytes of data. */
const PROTOBUF_HEAD = Buffer.from('08011240', 'hex')
/** DER of a PKCS #8 Ed25519 key, up to the 32 bytes of the seed. */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')
const HEX = /^(?:\\x)?((?:[0-9a-f]{2})+)$/i

/** The forms that `parseKey` reads, for messages. */
export const KEY_FORMS =
  'an Ed25519 key as hex: seed and public key (128 characters), seed and twice the public key (192 characters), or libp2p’s encoding (136 characters, or base64)'

/**
 * The one parser of keys: for `p2p_private_key`, the pool and `identities add`. It reads the forms in which Teranode has kept keys: hex of
 * seed and public key (the setting), of seed and twice the public key (the file `p2p.key`), and libp2p's encoding (the state store), as
 * hex, as Postgres prints bytes, or as base64.
 */
export function parseKey(text: string): KeyPair | KeyFault {
  const written = bytesOf(text.trim())
  if (written === undefined) return { fault: 'is not hexadecimal' }
  const isProtobuf = written.length === PROTOBUF_HEAD.length + 2 * HALF && written.subarray(0, 4).equals(PROTOBUF_HEAD)
  const bytes = isProtobuf ? written.subarray(PROTOBUF_HEAD.length) : written
  if (bytes.length !== 2 * HALF && bytes.length !== 3 * HALF) return { fault: `has ${bytes.length} bytes` }
  const seed = bytes.subarray(0, HALF)
  const publicKey = publicKeyOf(seed)
  for (let start = HALF; start < bytes.length; start += HALF) {
    if (!bytes.subarray(start, start + HALF).equals(publicKey)) return { fault: 'has a public half that does not belong to its seed' }
  }
  return { seed, publicKey }
}

/** Creates a key. */
export function generateKey(): KeyPair {
  const { privateKey } = generateKeyPairSync('ed25519')
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-HALF)
  return { seed, publicKey: publicKeyOf(seed) }
}

/** The form of `p2p_private_key`: hex of seed and public key. */
export function formatKey({ seed, publicKey }: KeyPair): string {
  return Buffer.concat([seed, publicKey]).toString('hex')
}

/** The peer id of a key. */
export function peerIdOfKey({ publicKey }: KeyPair): string {
  return peerIdOfPublicKey(publicKey)
}

function bytesOf(text: string): Buffer | undefined {
  const hex = HEX.exec(text)?.[1]
  if (hex !== undefined) return Buffer.from(hex, 'hex')
  const bytes = Buffer.from(text, 'base64')
  const isBase64 = bytes.subarray(0, PROTOBUF_HEAD.length).equals(PROTOBUF_HEAD) && bytes.toString('base64') === text
  return isBase64 ? bytes : undefined
}

function publicKeyOf(seed: Uint8Array): Buffer {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' })
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-HALF)
}
