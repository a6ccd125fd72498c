import { readdir } from 'node:fs/promises'
import type pg from 'pg'
import type { Logger } from 'pino'
import { packageFile } from '../../package-file.ts'
import { lockMigrations } from './migration-lock.ts'
import { destroy, type Postgres } from './pool.ts'
import { PostgresError } from './postgres-error.ts'

/** The Postgres schema of everything that the bridge stores. */
export const DATABASE_SCHEMA = 'gossip_bridge'

const MIGRATIONS_FOLDER = packageFile('schemas', 'postgres')
/** Upper bound on the migration itself. */
const DEADLINE_MS = 60_000

/**
 * Applies the new files of schemas/postgres, forward only, all or none, and returns their names. Several instances may start at once:
 * one migrates, and the others find nothing to do. A role without the right to create tables may start when nothing is missing.
 */
export async function migrate(
  { migrates }: { migrates: boolean },
  { postgres, log }: { postgres: Postgres; log: Logger },
): Promise<string[]> {
  const client = await postgres.connect('gossip-bridge migration')
  const timer = setTimeout(() => destroy(client), DEADLINE_MS)
  try {
    const missing = await missingMigrations(client)
    if (missing.length === 0) return []
    if (!migrates) throw new PostgresError(missingText(missing))
    await client.query(`SET statement_timeout = ${DEADLINE_MS}`)
    await lockMigrations(client, { log })
    return await run(client, { log })
  } catch (error) {
    throw postgres.error(error)
  } finally {
    clearTimeout(timer)
    destroy(client) // the server then releases the lock
  }
}

async function run(client: pg.Client, { log }: { log: Logger }): Promise<string[]> {
  // Imported here, because the import takes 150 ms and most starts do not need it.
  const { runner } = await import('node-pg-migrate')
  const done = await runner({
    dbClient: client,
    dir: MIGRATIONS_FOLDER,
    direction: 'up',
    migrationsTable: 'migrations',
    schema: DATABASE_SCHEMA,
    createSchema: !(await exists(client, 'to_regnamespace', DATABASE_SCHEMA)),
    singleTransaction: true,
    noLock: true,
    logger: {
      debug: () => {},
      info: () => {},
      warn: (text) => log.debug({ text }, 'migration'), // it says that it rolls back; the error itself is reported by the caller
      error: (text) => log.debug({ text }, 'migration'),
    },
  })
  const names = done.map((migration) => migration.name)
  if (names.length > 0) log.info({ migrations: names }, 'database migrated')
  return names
}

/** The migrations of this release that the database lacks. Those of a newer release may be there already. */
export async function missingMigrations(client: pg.ClientBase): Promise<string[]> {
  const files = (await readdir(MIGRATIONS_FOLDER)).filter((file) => file.endsWith('.sql')).map((file) => file.slice(0, -'.sql'.length))
  if (!(await exists(client, 'to_regclass', `${DATABASE_SCHEMA}.migrations`))) return files.sort()
  const { rows } = await client.query<{ name: string }>(`SELECT name FROM ${DATABASE_SCHEMA}.migrations`)
  const applied = new Set(rows.map(({ name }) => name))
  return files.filter((file) => !applied.has(file)).sort()
}

/** Asked first, because CREATE SCHEMA IF NOT EXISTS needs the privilege to create schemas even if the schema exists. */
async function exists(client: pg.ClientBase, toObject: 'to_regclass' | 'to_regnamespace', name: string): Promise<boolean> {
  const { rows } = await client.query(`SELECT ${toObject}($1) IS NOT NULL AS exists`, [name])
  return rows[0]?.exists === true
}

function missingText(missing: readonly string[]): string {
  return (
    `the database lacks ${missing.join(', ')}, and banlist_migrate is false: ` +
    'run `gossip-bridge migrate` with a banlist_db whose role owns the schema gossip_bridge'
  )
}
