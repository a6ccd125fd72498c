import type { Logger } from 'pino'
import type { Ban } from '../bans/ban.ts'
import type { BanStore } from '../bans/ban-store.ts'
import { type Bans, createBans } from '../bans/bans.ts'
import { MemoryBanStore } from '../bans/memory-ban-store.ts'
import type { Settings } from '../config/settings.ts'
import type { UnpublishedBanChange } from '../flows/bans-to-log.ts'
import type { Health } from '../lifecycle/health.ts'
import { createBanOutbox } from '../postgres/bans/ban-outbox.ts'
import { PostgresBanStore } from '../postgres/bans/ban-store.ts'
import { createPostgres } from '../postgres/connection/pool.ts'
import type { BansMetrics } from '../telemetry/bans-metrics.ts'

export interface BanListDeps {
  readonly log: Logger
  readonly health: Health
  readonly metrics: BansMetrics
  /** The list as last published, for when the database is away at start, and for those who have none. */
  readonly readPublished: () => Promise<readonly Ban[]>
}

/** The ban list, and the changes of it that still have to be published. */
export interface BanListPart {
  readonly bans: Bans
  readonly outbox: {
    pending(limit: number): Promise<readonly UnpublishedBanChange[]>
    markPublished(revisions: readonly number[]): Promise<void>
  }
  stop(): Promise<void>
}

const NO_DATABASE = 'banlist_db is not set: bans work on this instance only, and after a restart as far as they were published'

/** Bans in Postgres where `banlist_db` says so, else in memory, and that is said. */
export function createBanList(settings: Settings, deps: BanListDeps): BanListPart {
  const maxEntries = settings.ban_max_entries
  if (settings.banlist_db) {
    const postgres = createPostgres(
      { connectionString: settings.banlist_db, applicationName: `gossip-bridge ${settings.instance_id}` },
      { log: deps.log },
    )
    const store = new PostgresBanStore({ bridgeId: settings.bridge_id, maxEntries }, { postgres, log: deps.log })
    const bans = fromStore(settings, store, deps)
    const outbox = createBanOutbox({ bridgeId: settings.bridge_id }, { postgres })
    return { bans, outbox, stop: () => inOrder(bans.stop, postgres.stop) }
  }
  deps.log.warn(NO_DATABASE)
  const store = new MemoryBanStore({ maxEntries }, { initial: deps.readPublished })
  const bans = fromStore(settings, store, deps, NO_DATABASE)
  return { bans, outbox: store, stop: () => bans.stop() }
}

function fromStore(settings: Settings, store: BanStore, { log, health, metrics, readPublished }: BanListDeps, caveat?: string): Bans {
  return createBans(
    {
      bridgeId: settings.bridge_id,
      defaultDurationMs: settings.ban_default_duration,
      maxEntries: settings.ban_max_entries,
      ...(caveat ? { caveat } : {}),
    },
    { store, log, metrics, health: health.part('bans'), fallback: readPublished },
  )
}

async function inOrder(...stops: (() => Promise<void>)[]): Promise<void> {
  for (const stop of stops) await stop()
}
