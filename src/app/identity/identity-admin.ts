import type { Logger } from 'pino'
import type { Settings } from '../../config/settings.ts'
import { createIdentityAdmin, type IdentityAdmin } from '../../identity/admin.ts'
import { createPostgres } from '../../postgres/connection/pool.ts'
import { createPreparation } from '../../postgres/connection/prepare.ts'
import { createIdentityStore } from '../../postgres/identities/identity-store.ts'

export type { IdentityAdmin } from '../../identity/admin.ts'

/** The identity pool, for the command line. Connects on first use. */
export function openIdentityAdmin(settings: Settings, { log }: { log: Logger }): IdentityAdmin & { stop(): Promise<void> } {
  const postgres = createPostgres({ connectionString: settings.banlist_db, applicationName: 'gossip-bridge identities' }, { log })
  const prepare = createPreparation({ migrates: settings.banlist_migrate }, { postgres, log })
  const store = createIdentityStore({ bridgeId: settings.bridge_id }, { postgres, prepare })
  const sealing = { bridgeId: settings.bridge_id, encryptionKey: settings.identity_encryption_key }
  return { ...createIdentityAdmin(sealing, { store }), stop: () => postgres.stop() }
}
