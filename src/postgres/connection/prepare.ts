import type { Logger } from 'pino'
import { migrate } from './migrate.ts'
import type { Postgres } from './pool.ts'
import { refusePooler } from './pooler.ts'

export interface PreparationOptions {
  /** Whether the bridge applies new migrations itself: `banlist_migrate`. */
  readonly migrates: boolean
}

/**
 * Before the first use of a database: checks that sessions belong to us, and that the tables are those of this release. Once per
 * process; after a failure the next use tries again. Rejects with PoolerError or PostgresError.
 */
export function createPreparation(options: PreparationOptions, deps: { postgres: Postgres; log: Logger }): () => Promise<void> {
  let done: Promise<void> | undefined
  const prepare = async () => {
    await refusePooler(deps.postgres)
    await migrate(options, deps)
  }
  return () => {
    done ??= prepare().catch((error: unknown) => {
      done = undefined
      throw error
    })
    return done
  }
}
