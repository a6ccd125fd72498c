import { ephemeralIdentity, identityFromText } from './key.ts'
import type { IdentityRow, IdentityStore } from './ports.ts'
import { type PoolSealing, sealedRow, unlockPool } from './sealed-pool.ts'

export interface IdentityToAdd {
  /** In a format of `p2p_private_key`; null creates a new key. */
  readonly key: string | null
  readonly advertiseAddresses: readonly string[] | null
  readonly reservedFor: string | null
}

/** Operators' commands on the pool of identities. */
export interface IdentityAdmin {
  list(): Promise<IdentityRow[]>
  /** `known`: the pool already has or had this key. Throws WrongEncryptionKeyError when identity_encryption_key is not the pool's. */
  add(identity: IdentityToAdd): Promise<{ peerId: string; outcome: 'added' | 'known' }>
  /** Returns the retired row; undefined when the pool has no such key. */
  retire(peerId: string): Promise<IdentityRow | undefined>
}

/** The first request migrates the store to the newest schema. */
export function createIdentityAdmin(sealing: PoolSealing, { store }: { store: IdentityStore }): IdentityAdmin {
  const list = async () => {
    await store.prepare()
    return store.list()
  }
  return {
    list,
    async add({ key, advertiseAddresses, reservedFor }) {
      const identity = key === null ? await ephemeralIdentity() : await identityFromText(key, 'the key')
      unlockPool(await list(), sealing) // otherwise the pool would have keys under two encryption keys
      const outcome = await store.add({ ...sealedRow(identity, sealing), advertiseAddresses, reservedFor })
      return { peerId: identity.peerId, outcome: outcome === 'added' ? 'added' : 'known' }
    },
    async retire(peerId) {
      await store.prepare()
      if ((await store.retire(peerId)) === undefined) return undefined
      return (await store.list()).find((row) => row.peerId === peerId)
    },
  }
}
