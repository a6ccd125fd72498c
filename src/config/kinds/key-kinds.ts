import { formatKey, KEY_FORMS, parseKey } from '../../identity/key-text.ts'
import { isPeerId } from '../../identity/peer-id.ts'
import { kind } from './kinds.ts'

/** A peer id, or empty for not set. */
export function peerId() {
  return kind('a peer id such as 12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK', (value) =>
    value === '' || isPeerId(value) ? value : undefined,
  )
}

/** An Ed25519 key, in every form that Teranode has used; empty for not set. The result is hex of seed and public key. */
export function privateKey() {
  return kind(KEY_FORMS, (value) => {
    if (value === '') return value
    const parsed = parseKey(value)
    return 'fault' in parsed ? undefined : formatKey(parsed)
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
