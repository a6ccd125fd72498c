import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import type { Logger } from 'pino'
import { destroy, type Postgres } from './pool.ts'

/** The schema that holds all that the bridge keeps in Postgres. */
export const DATABASE_SCHEMA = 'gossip_bridge'

const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../schemas/postgres', import.meta.url))
/** So long may another instance take that migrates at the same moment. */
const DEADLINE_MS = 60_000

/**
 * Brings the database to the newest files of schemas/postgres, forward only, all of them or none. Safe when several
 * instances start at once: they queue at an advisory lock, and the later ones find nothing to do.
 */
export async function migrate(postgres: Postgres, { log }: { log: Logger }): Promise<void> {
  const client = await postgres.connect('gossip-bridge migration')
  const timer = setTimeout(() => destroy(client), DEADLINE_MS)
  try {
    // Waiting for the lock is a statement too.
    await client.query(`SET statement_timeout = ${DEADLINE_MS}`)
    // Loaded here rather than at the top, because it costs 150 ms of start-up and most starts have other things to do first.
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

/** Asked first, because CREATE SCHEMA IF NOT EXISTS wants the right to create one even where it stands. */
async function schemaExists(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query('SELECT to_regnamespace($1) IS NOT NULL AS exists', [DATABASE_SCHEMA])
  return rows[0]?.exists === true
}
