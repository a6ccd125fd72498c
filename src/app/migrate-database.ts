import type { Logger } from 'pino'
import type { Settings } from '../config/settings.ts'
import { migrate } from '../postgres/connection/migrate.ts'
import { createPostgres } from '../postgres/connection/pool.ts'

/** Applies the new migrations and returns their names, for the command line. */
export async function migrateDatabase(settings: Settings, { log }: { log: Logger }): Promise<string[]> {
  const postgres = createPostgres({ connectionString: settings.banlist_db, applicationName: 'gossip-bridge migrate' }, { log })
  try {
    return await migrate({ migrates: true }, { postgres, log })
  } finally {
    await postgres.stop()
  }
}
