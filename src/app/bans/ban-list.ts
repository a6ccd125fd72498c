import type { Logger } from 'pino'
import { applyBan } from '../../bans/apply-ban.ts'
import type { Ban } from '../../bans/ban.ts'
import { type Bans, createBans } from '../../bans/bans.ts'
import { MemoryBanStore } from '../../bans/memory-ban-store.ts'
import type { BanOutbox, BanSnapshot, BanStore, ReadBanEvidence, SharedOutbox } from '../../bans/ports.ts'
import { wholeList } from '../../bans/published/ban-repairs.ts'
import type { PublishedBans } from '../../bans/published/read-ban-topic.ts'
import type { Settings } from '../../config/settings.ts'
import { topicNames } from '../../config/topic-names.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import type { Health } from '../../lifecycle/health.ts'
import { createReadBanEvidence } from '../../postgres/bans/ban-evidence.ts'
import { createBanOutbox } from '../../postgres/bans/ban-outbox.ts'
import { PostgresBanStore } from '../../postgres/bans/ban-store.ts'
import { createPostgres } from '../../postgres/connection/pool.ts'
import { createPreparation } from '../../postgres/connection/prepare.ts'
import { createReputationStore } from '../../postgres/reputations/reputation-store.ts'
import { createScoreStore } from '../../postgres/scores/score-store.ts'
import type { ReputationStore } from '../../reputation/ports.ts'
import { applyReports } from '../../reputation/report.ts'
import { NO_REPUTATION } from '../../reputation/reputation.ts'
import { addPoints } from '../../scores/add-points.ts'
import type { ScoreStore } from '../../scores/ports.ts'
import type { BansMetrics } from '../../telemetry/bans-metrics.ts'

export interface BanListDeps {
  readonly log: Logger
  readonly health: Health
  readonly metrics: BansMetrics
  /** The event log's time, in milliseconds since the epoch. */
  readonly eventLogNow: () => number
  /** Reads the last published list, for a start while the database is away and for bridges without one. */
  readonly readPublished: () => Promise<PublishedBans>
}

/** The ban list, and its changes that have yet to be published. */
export interface BanListPart {
  readonly bans: Bans
  readonly outbox: BanOutbox
  /** Whether the list follows its database, and the evidence of bans in it; undefined without one. */
  readonly database?: { readonly isUp: () => Promise<boolean>; readonly evidence: ReadBanEvidence }
  /** Only with a database: the list, the outbox, the scores and the reputations that all instances share. */
  readonly shared?: {
    load(): Promise<BanSnapshot>
    readonly outbox: SharedOutbox
    readonly scores: ScoreStore
    readonly reputations: ReputationStore
  }
  stop(): Promise<void>
}

/** Peers whose reputation is kept. */
export const MOST_REPUTATIONS = 10_000
const NO_DATABASE = 'banlist_db is not set: bans work on this instance only, and after a restart as far as they were published'

/** Bans in Postgres if `banlist_db` is set, otherwise in memory with a warning. */
export function createBanList(settings: Settings, deps: BanListDeps): BanListPart {
  const maxEntries = settings.ban_max_entries
  if (settings.banlist_db) {
    const postgres = createPostgres(
      { connectionString: settings.banlist_db, applicationName: `gossip-bridge ${settings.instance_id}` },
      { log: deps.log },
    )
    const prepare = createPreparation({ migrates: settings.banlist_migrate }, { postgres, log: deps.log })
    const store = new PostgresBanStore({ bridgeId: settings.bridge_id, maxEntries }, { postgres, log: deps.log, prepare, applyBan })
    const bans = fromStore(settings, store, {
      ...deps,
      fallback: async () => wholeList(topicNames(settings).bans, await deps.readPublished()),
    })
    const outbox = createBanOutbox({ bridgeId: settings.bridge_id }, { postgres })
    const scores = createScoreStore({ bridgeId: settings.bridge_id }, { postgres, prepare, addPoints })
    const reputations = createReputationStore(
      { bridgeId: settings.bridge_id, maxPeers: MOST_REPUTATIONS },
      { postgres, prepare, applyReports, start: NO_REPUTATION },
    )
    const isUp = async () => (await deps.metrics.storeUp.get()).values[0]?.value === 1
    const database = { isUp, evidence: createReadBanEvidence({ bridgeId: settings.bridge_id }, { postgres }) }
    const shared = { load: () => store.load(), outbox, scores, reputations }
    return { bans, outbox, database, shared, stop: () => bans.stop().then(() => postgres.stop()) }
  }
  deps.log.warn(NO_DATABASE)
  const store = new MemoryBanStore(
    { maxEntries },
    { applyBan, now: deps.eventLogNow, initial: async () => (await deps.readPublished()).bans },
  )
  const bans = fromStore(settings, store, { ...deps, fallback: undefined }, NO_DATABASE)
  return { bans, outbox: store, stop: () => bans.stop() }
}

interface StoreDeps extends Pick<BanListDeps, 'log' | 'health' | 'metrics' | 'eventLogNow'> {
  readonly fallback: (() => Promise<readonly Ban[]>) | undefined
}

function fromStore(settings: Settings, store: BanStore, { log, health, metrics, eventLogNow, fallback }: StoreDeps, caveat?: string): Bans {
  return createBans(
    {
      bridgeId: settings.bridge_id,
      defaultDurationMs: settings.ban_default_duration,
      maxEntries: settings.ban_max_entries,
      ...(caveat ? { caveat } : {}),
    },
    { clock: SYSTEM_CLOCK, eventLogNow, store, log, metrics, health: health.part('bans'), fallback },
  )
}
