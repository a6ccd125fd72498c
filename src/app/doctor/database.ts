import type { Logger } from 'pino'
import type { Settings } from '../../config/settings.ts'
import type { Probe } from '../../doctor/examine.ts'
import { judgeDatabase, judgeUnusable, NO_DATABASE } from '../../doctor/services/postgres.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import { inspectDatabase } from '../../postgres/connection/inspect-database.ts'
import { createPostgres, type Postgres } from '../../postgres/connection/pool.ts'

const DEADLINE_MS = 15_000

/** None for a process with the role edge alone, which uses no database. */
export function databaseProbes(settings: Settings, { log }: { log: Logger }): Probe[] {
  if (!settings.roles.includes('relay')) return []
  const look = async (signal: AbortSignal) => {
    if (settings.banlist_db === '') return [NO_DATABASE]
    let postgres: Postgres | undefined
    try {
      postgres = createPostgres({ connectionString: settings.banlist_db, applicationName: 'gossip-bridge doctor' }, { log })
      const facts = await inspectDatabase({ postgres, clock: SYSTEM_CLOCK }, signal)
      return judgeDatabase(facts, { migrates: settings.banlist_migrate })
    } catch (error) {
      signal.throwIfAborted()
      return [judgeUnusable(error)]
    } finally {
      await postgres?.stop()
    }
  }
  return [{ area: 'postgres', what: 'looking at Postgres', deadlineMs: DEADLINE_MS, run: look }]
}
