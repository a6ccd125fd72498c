import type { Logger } from 'pino'
import type { Settings } from '../config/settings.ts'
import { ephemeralIdentity, identityFromHex } from '../gossip/identity.ts'
import { createPostgres } from '../postgres/connection/pool.ts'
import { createIdentityStore, type IdentityRow } from '../postgres/identities/identity-store.ts'
import { sealedRow, unlockPool } from './identity-pool.ts'

export interface IdentityToAdd {
  /** In the forms of `p2p_private_key`; null makes a new key. */
  readonly key: string | null
  readonly advertiseAddresses: readonly string[] | null
  readonly reservedFor: string | null
}

/** The pool of identities for those who look after it. */
export interface IdentityAdmin {
  list(): Promise<IdentityRow[]>
  /** `known`: the pool has, or had, this key already. Throws IdentityKeyError when identity_encryption_key is not the pool's. */
  add(identity: IdentityToAdd): Promise<{ peerId: string; outcome: 'added' | 'known' }>
  /** How it stands now; undefined when the pool has no such key. */
  retire(peerId: string): Promise<IdentityRow | undefined>
  stop(): Promise<void>
}

/** Connects on first use, and brings the database to the newest schema. */
export function openIdentityAdmin(settings: Settings, { log }: { log: Logger }): IdentityAdmin {
  const postgres = createPostgres({ connectionString: settings.banlist_db, applicationName: 'gossip-bridge identities' }, { log })
  const store = createIdentityStore({ bridgeId: settings.bridge_id }, { postgres, log })
  const sealing = { bridgeId: settings.bridge_id, encryptionKey: settings.identity_encryption_key }
  const list = async () => {
    await store.prepare()
    return store.list()
  }
  return {
    list,
    async add({ key, advertiseAddresses, reservedFor }) {
      const identity = key === null ? await ephemeralIdentity() : await identityFromHex(key, 'the key')
      unlockPool(await list(), sealing) // or the pool would have keys of two encryption keys
      const outcome = await store.add({ ...sealedRow(identity, sealing), advertiseAddresses, reservedFor })
      return { peerId: identity.peerId, outcome: outcome === 'added' ? 'added' : 'known' }
    },
    async retire(peerId) {
      await store.prepare()
      if ((await store.retire(peerId)) === undefined) return undefined
      return (await store.list()).find((row) => row.peerId === peerId)
    },
    stop: () => postgres.stop(),
  }
}
