import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES

/** The bridge and the peer id of a sealed key. The key opens for no others, so rows in the database cannot be swapped. */
export interface SealedFor {
  readonly bridgeId: string
  readonly peerId: string
}

/** Encrypts with AES-256-GCM: a version byte, the nonce, the tag, the encrypted bytes. */
export function sealKey(secret: Uint8Array, encryptionKey: Uint8Array, owner: SealedFor): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', encryptionKey, nonce).setAAD(ownerBytes(owner))
  const sealed = Buffer.concat([cipher.update(secret), cipher.final()])
  return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), sealed])
}

/** Undefined when the key was sealed with another encryption key or for another owner, or was altered: AES-GCM cannot tell which. */
export function openSealedKey(sealed: Buffer, encryptionKey: Uint8Array, owner: SealedFor): Buffer | undefined {
  if (sealed.length <= HEAD_BYTES || sealed[0] !== VERSION) return undefined
  const decipher = createDecipheriv('aes-256-gcm', encryptionKey, sealed.subarray(1, 1 + NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(ownerBytes(owner)).setAuthTag(sealed.subarray(1 + NONCE_BYTES, HEAD_BYTES))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()])
  } catch {
    return undefined
  }
}

function ownerBytes({ bridgeId, peerId }: SealedFor): Buffer {
  return Buffer.from(`${bridgeId}\n${peerId}`)
}
