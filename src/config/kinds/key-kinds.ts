import { createPrivateKey, createPublicKey } from 'node:crypto'
import { isPeerId, peerIdOfPublicKey } from '../../identity/peer-id.ts'
import { kind } from './kinds.ts'

/** DER of a PKCS #8 Ed25519 key, up to the 32 bytes of the seed. */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** A peer id, or empty for not set. */
export function peerId() {
  return kind('a peer id such as 12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK', (value) =>
    value === '' || isPeerId(value) ? value : undefined,
  )
}

/** An Ed25519 key as hex of seed and public key (64 bytes), or of seed and twice the public key (96 bytes); empty for not set. */
export function privateKey() {
  return kind('hex of 64 bytes (Ed25519 seed and public key) or 96 bytes (seed and twice the public key) that belong together', (value) => {
    if (value === '') return value
    if (!/^([0-9a-f]{128}|[0-9a-f]{192})$/i.test(value)) return undefined
    const bytes = Buffer.from(value, 'hex')
    const copies = [bytes.subarray(32, 64), bytes.subarray(bytes.length - 32)]
    const expected = publicKeyOf(bytes.subarray(0, 32))
    return copies.every((copy) => copy.equals(expected)) ? value.toLowerCase() : undefined
  })
}

/** The pre-shared key of a private network: 64 hex characters, further ones are ignored; empty for a public network. */
export function sharedKey() {
  return kind('at least 64 hex characters (32 bytes)', (value) => (value === '' || /^[0-9a-f]{64,}$/i.test(value) ? value : undefined))
}

/** An AES-256 key, as hex or base64 of its 32 bytes; the result is hex, or empty for not set. */
export function encryptionKey() {
  return kind('32 bytes as hex (64 characters) or base64 (44 characters)', (value) => {
    if (value === '' || /^[0-9a-f]{64}$/i.test(value)) return value.toLowerCase()
    const bytes = Buffer.from(value, 'base64')
    return bytes.length === 32 && bytes.toString('base64') === value ? bytes.toString('hex') : undefined
  })
}

/** The peer id of a private key in the form that `privateKey` accepts. */
export function peerIdOfPrivateKey(hex: string): string {
  return peerIdOfPublicKey(publicKeyOf(Buffer.from(hex.slice(0, 64), 'hex')))
}

function publicKeyOf(seed: Buffer): Buffer {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' })
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32)
}
