import pino from 'pino'
import { applyBan } from '../../../src/bans/apply-ban.ts'
import { PostgresBanStore } from '../../../src/postgres/bans/ban-store.ts'
import { createPostgres, type Postgres } from '../../../src/postgres/connection/pool.ts'
import { createPreparation } from '../../../src/postgres/connection/prepare.ts'
import { onEnd } from '../../support/on-end.ts'

export const silent = pino({ level: 'silent' })

/** The bridge's pool on a database, stopped at the end of the test. */
export function openPostgres(connectionString: string, deadlineMs = 30_000): Postgres {
  const postgres = createPostgres({ connectionString, applicationName: 'gossip-bridge test', deadlineMs }, { log: silent })
  onEnd(() => postgres.stop())
  return postgres
}

export function openBanStore(connectionString: string, { bridgeId = 'a', maxEntries = 1000, deadlineMs = 30_000 } = {}): PostgresBanStore {
  const postgres = openPostgres(connectionString, deadlineMs)
  const prepare = createPreparation({ migrates: true }, { postgres, log: silent })
  return new PostgresBanStore({ bridgeId, maxEntries }, { postgres, log: silent, prepare, applyBan })
}
