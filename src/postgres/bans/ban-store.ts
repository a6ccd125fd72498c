import type { Logger } from 'pino'
import { Listener, type ListenerDeps } from '../connection/listener.ts'
import { migrate } from '../connection/migrate.ts'
import type { Postgres } from '../connection/pool.ts'
import { type BanChangeEntry, type BanEntry, type BanRow, type ChangeRow, toBanEntry, toChangeEntry } from './ban-rows.ts'
import { BanTransaction, NEWS_CHANNEL } from './ban-transaction.ts'

export interface PostgresBanStoreOptions {
  readonly bridgeId: string
  readonly maxEntries: number
  /** So long are published audit lines kept. */
  readonly auditRetentionMs?: number
}

export interface BanChangeRequest {
  readonly action: 'add' | 'remove' | 'clear'
  readonly key: string
  readonly until: number | null
  readonly reason: string
}

export interface BanChangeSource {
  readonly cause: string
  readonly evidence?: Readonly<Record<string, unknown>> | null
}

interface Outcome {
  readonly change: BanChangeEntry['change']
  readonly isRepeated: boolean
  readonly changes: readonly BanChangeEntry[]
}

const DAY_MS = 86_400_000
/** Reading the whole list is cheaper than more changes than this. */
const LONGEST_CATCH_UP = 1000
const SWEEP_BATCH = 500
const FULL = 'the list is full: the oldest expiry makes room'

/** The bans of one bridge in Postgres. The first use brings the database to the newest schema. */
export class PostgresBanStore {
  readonly #bridgeId: string
  readonly #maxEntries: number
  readonly #auditRetentionMs: number
  readonly #postgres: Postgres
  readonly #log: Logger
  #migration: Promise<void> | undefined

  constructor(options: PostgresBanStoreOptions, { postgres, log }: { postgres: Postgres; log: Logger }) {
    this.#bridgeId = options.bridgeId
    this.#maxEntries = options.maxEntries
    this.#auditRetentionMs = options.auditRetentionMs ?? 90 * DAY_MS
    this.#postgres = postgres
    this.#log = log
  }

  async load(): Promise<{ revision: number; bans: BanEntry[] }> {
    await this.#migrated()
    return this.#postgres.transaction(async (client) => {
      await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
      const lists = await client.query('SELECT revision FROM gossip_bridge.ban_lists WHERE bridge_id = $1', [this.#bridgeId])
      const bans = await client.query<BanRow>('SELECT key, until, since, reason, cause FROM gossip_bridge.bans WHERE bridge_id = $1', [
        this.#bridgeId,
      ])
      return { revision: Number(lists.rows[0]?.revision ?? 0), bans: bans.rows.map(toBanEntry) }
    })
  }

  async changesSince(revision: number): Promise<BanChangeEntry[] | undefined> {
    await this.#migrated()
    const rows = await this.#postgres.query<ChangeRow & { newest: string }>(
      `SELECT lists.revision AS newest, changes.* FROM gossip_bridge.ban_lists AS lists
       LEFT JOIN gossip_bridge.ban_changes AS changes ON changes.bridge_id = lists.bridge_id AND changes.revision > $2
       WHERE lists.bridge_id = $1 ORDER BY changes.revision LIMIT $3`,
      [this.#bridgeId, revision, LONGEST_CATCH_UP],
    )
    const newest = Number(rows[0]?.newest ?? 0)
    // A history with holes, one too long, or one that ran backwards (a restored backup): the list as a whole is the way.
    if (newest - revision !== rows.filter((row) => row.revision !== null).length) return undefined
    return newest === revision ? [] : rows.map(toChangeEntry)
  }

  /** One transaction: the ban, its audit line, its source, the news. */
  async change(request: BanChangeRequest, source: BanChangeSource, now: number): Promise<Outcome> {
    await this.#migrated()
    return this.#transaction(async (list) => {
      const earlier = await list.changeOf(source.cause)
      if (earlier) return { change: earlier.change, isRepeated: true, changes: [] }
      if (request.action === 'add') await this.#add(list, request, source, now)
      else await remove(list, request, source)
      await list.finish()
      const change = list.changes.at(-1)?.change
      if (!change) throw new Error(`the change ${source.cause} of the ban list left no audit line`)
      return { change, isRepeated: false, changes: list.changes }
    })
  }

  async sweep(now: number): Promise<void> {
    await this.#migrated()
    for (let swept = SWEEP_BATCH; swept === SWEEP_BATCH; ) swept = await this.#sweepBatch(now)
    await this.#postgres.query('DELETE FROM gossip_bridge.ban_changes WHERE bridge_id = $1 AND published_at IS NOT NULL AND at < $2', [
      this.#bridgeId,
      new Date(now - this.#auditRetentionMs),
    ])
  }

  watch({ onNews, onWatching, onLost }: Pick<ListenerDeps, 'onWatching' | 'onLost'> & { onNews: () => void }): () => Promise<void> {
    const onNotification = (bridgeId: string) => {
      if (bridgeId === this.#bridgeId) onNews()
    }
    const options = { channel: NEWS_CHANNEL, name: 'gossip-bridge listener' }
    const listener = new Listener(options, { postgres: this.#postgres, onNotification, onWatching, onLost })
    listener.start()
    return () => listener.stop()
  }

  async #add(list: BanTransaction, request: BanChangeRequest, source: BanChangeSource, now: number): Promise<void> {
    const { key, until, reason } = request
    const old = await list.find(key)
    const oldUntil = old?.until?.getTime() ?? null
    const isOldLive = old !== undefined && (oldUntil === null || oldUntil > now)
    const isOver = until !== null && until <= now
    const changed = !isOver && !(isOldLive && oldUntil === until && old.reason === reason)
    const since = isOldLive ? old.since.getTime() : now
    if (changed) {
      // Before the new entry rather than after, so that no reader of the changes ever holds more than the bound.
      if (!old && list.entries >= this.#maxEntries) await this.#makeRoom(list)
      await list.put(
        { key, until: until === null ? null : new Date(until), since: new Date(since), reason, cause: source.cause },
        old === undefined,
      )
    }
    await list.record([{ action: 'add', key, until, since, reason, changed, source: source.cause, evidence: source.evidence ?? null }])
  }

  async #makeRoom(list: BanTransaction): Promise<void> {
    await list.recount()
    const excess = list.entries - this.#maxEntries + 1
    if (excess <= 0) return
    const gone = await list.delete(
      `key IN (SELECT key FROM gossip_bridge.bans WHERE bridge_id = $1 ORDER BY until NULLS LAST, since, key LIMIT $2)`,
      excess,
    )
    await list.record(gone.map(({ key }) => ({ action: 'remove', key, reason: FULL, changed: true })))
    this.#log.warn({ maxEntries: this.#maxEntries, removed: gone.map(({ key }) => key) }, 'ban list is full, the oldest expiry made room')
  }

  async #sweepBatch(now: number): Promise<number> {
    const over = await this.#postgres.query('SELECT 1 FROM gossip_bridge.bans WHERE bridge_id = $1 AND until <= $2 LIMIT 1', [
      this.#bridgeId,
      new Date(now),
    ])
    if (over.length === 0) return 0
    return this.#transaction(async (list) => {
      const gone = await list.delete(
        `key IN (SELECT key FROM gossip_bridge.bans WHERE bridge_id = $1 AND until <= $2 ORDER BY until LIMIT $3)`,
        new Date(now),
        SWEEP_BATCH,
      )
      if (gone.length > 0) await list.record(gone.map(({ key }) => ({ action: 'expire', key, reason: 'its time is over', changed: true })))
      await list.finish()
      return gone.length
    })
  }

  #transaction<Result>(work: (list: BanTransaction) => Promise<Result>): Promise<Result> {
    return this.#postgres.transaction(async (client) => {
      const list = new BanTransaction({ bridgeId: this.#bridgeId }, { client })
      await list.lock()
      return work(list)
    })
  }

  /** Once per process; a failed one is tried again by the next use. */
  #migrated(): Promise<void> {
    this.#migration ??= migrate(this.#postgres, { log: this.#log }).catch((error: unknown) => {
      this.#migration = undefined
      throw error
    })
    return this.#migration
  }
}

async function remove(list: BanTransaction, { action, key, reason }: BanChangeRequest, source: BanChangeSource): Promise<void> {
  const gone = action === 'clear' ? await list.delete('true') : await list.delete('key = $2', key)
  const removedKeys = action === 'clear' ? gone.map((row) => row.key) : []
  const changed = gone.length > 0
  await list.record([{ action, key, reason, changed, source: source.cause, evidence: source.evidence ?? null, removedKeys }])
}
