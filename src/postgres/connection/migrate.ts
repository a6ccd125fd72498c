import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import type { Logger } from 'pino'
import { destroy, type Postgres } from './pool.ts'

/** The Postgres schema of everything that the bridge stores. */
export const DATABASE_SCHEMA = 'gossip_bridge'

const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../schemas/postgres', import.meta.url))
/** Upper bound on the migration, including the wait for another instance that migrates at the same moment. */
const DEADLINE_MS = 60_000

/**
 * Applies the new files of schemas/postgres, forward only, all or none. Several instances may start at once: they queue at an
 * advisory lock, and the later ones find nothing to do.
 */
export async function migrate(postgres: Postgres, { log }: { log: Logger }): Promise<void> {
  const client = await postgres.connect('gossip-bridge migration')
  const timer = setTimeout(() => destroy(client), DEADLINE_MS)
  try {
    // Waiting for the lock is a statement too.
    await client.query(`SET statement_timeout = ${DEADLINE_MS}`)
    // Imported here, because the import takes 150 ms and not every start needs it.
    const { runner } = await import('node-pg-migrate')
    const done = await runner({
      dbClient: client,
      dir: MIGRATIONS_FOLDER,
      direction: 'up',
      migrationsTable: 'migrations',
      schema: DATABASE_SCHEMA,
      createSchema: !(await schemaExists(client)),
      singleTransaction: true,
      advisoryLockMode: 'wait',
      logger: {
        debug: () => {},
        info: () => {},
        warn: (text) => log.warn({ text }, 'migration'),
        error: (text) => log.debug({ text }, 'migration'),
      },
    })
    if (done.length > 0) log.info({ migrations: done.map((migration) => migration.name) }, 'database migrated')
    await client.end()
  } catch (error) {
    throw postgres.error(error)
  } finally {
    clearTimeout(timer)
    destroy(client)
  }
}

/** Checked first, because CREATE SCHEMA IF NOT EXISTS needs the privilege to create schemas even if the schema exists. */
async function schemaExists(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query('SELECT to_regnamespace($1) IS NOT NULL AS exists', [DATABASE_SCHEMA])
  return rows[0]?.exists === true
}
