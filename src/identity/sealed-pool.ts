import type { Identity, IdentityRow, NewIdentity } from './ports.ts'
import { openSealedKey, sealKey } from './sealed-key.ts'

export interface PoolSealing {
  readonly bridgeId: string
  /** 32 bytes as hex. */
  readonly encryptionKey: string
}

/** The encryption key is not the pool's. */
export class WrongEncryptionKeyError extends Error {
  override readonly name = 'WrongEncryptionKeyError'
  readonly code = 'BRIDGE_IDENTITY_ENCRYPTION_KEY'
}

/** The keys in use as hex, by peer id; keys that do not open are left out. Throws WrongEncryptionKeyError when none opens. */
export function unlockPool(rows: readonly IdentityRow[], { bridgeId, encryptionKey }: PoolSealing): Map<string, string> {
  const key = Buffer.from(encryptionKey, 'hex')
  const sealed = rows.filter((row) => row.sealedKey !== null && row.retiredAt === null)
  const opened = new Map<string, string>()
  for (const { peerId, sealedKey } of sealed) {
    const secret = sealedKey && openSealedKey(sealedKey, key, { bridgeId, peerId })
    if (secret) opened.set(peerId, secret.toString('hex'))
  }
  if (opened.size === 0 && sealed.length > 0) {
    throw new WrongEncryptionKeyError(
      `identity_encryption_key opens none of the ${sealed.length} keys that the pool of ${bridgeId} has, because they were encrypted with ` +
        'another one: set that one, or retire the keys (gossip-bridge identities list, retire)',
    )
  }
  return opened
}

/** The row of a new key. */
export function sealedRow(
  { peerId, privateKey }: Identity,
  { bridgeId, encryptionKey }: PoolSealing,
): Pick<NewIdentity, 'peerId' | 'sealedKey'> {
  return { peerId, sealedKey: sealKey(privateKey.raw, Buffer.from(encryptionKey, 'hex'), { bridgeId, peerId }) }
}
