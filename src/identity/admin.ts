import { ephemeralIdentity, identityFromHex } from './key.ts'
import type { IdentityRow, IdentityStore } from './ports.ts'
import { type PoolSealing, sealedRow, unlockPool } from './sealed-pool.ts'

export interface IdentityToAdd {
  /** In the forms of `p2p_private_key`; null makes a new key. */
  readonly key: string | null
  readonly advertiseAddresses: readonly string[] | null
  readonly reservedFor: string | null
}

/** The pool of identities for those who look after it. */
export interface IdentityAdmin {
  list(): Promise<IdentityRow[]>
  /** `known`: the pool has, or had, this key already. Throws WrongEncryptionKeyError when identity_encryption_key is not the pool's. */
  add(identity: IdentityToAdd): Promise<{ peerId: string; outcome: 'added' | 'known' }>
  /** Its row after that; undefined when the pool has no such key. */
  retire(peerId: string): Promise<IdentityRow | undefined>
}

/** Brings the store to the newest schema with the first request. */
export function createIdentityAdmin(sealing: PoolSealing, { store }: { store: IdentityStore }): IdentityAdmin {
  const list = async () => {
    await store.prepare()
    return store.list()
  }
  return {
    list,
    async add({ key, advertiseAddresses, reservedFor }) {
      const identity = key === null ? await ephemeralIdentity() : await identityFromHex(key, 'the key')
      unlockPool(await list(), sealing) // else the pool would hold keys of two encryption keys
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
