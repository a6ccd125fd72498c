import type { Logger } from 'pino'
import type { ApplyBan, BanOutcome, BanRequest, BanSnapshot, BanSource, BanStore, BanWatcher, StoredChange } from '../../bans/ports.ts'
import { Listener } from '../connection/listener.ts'
import type { Postgres } from '../connection/pool.ts'
import { BanNews } from './ban-news.ts'
import { type BanRow, type ChangeRow, toBan, toStoredChange } from './ban-rows.ts'
import { BanTransaction } from './ban-transaction.ts'

export interface PostgresBanStoreOptions {
  readonly bridgeId: string
  readonly maxEntries: number
  /** How long published audit lines are kept. */
  readonly auditRetentionMs?: number
}

export interface PostgresBanStoreDeps {
  readonly postgres: Postgres
  readonly log: Logger
  /** Before the first use: see prepare.ts. */
  readonly prepare: () => Promise<void>
  /** The domain's rule for a change. */
  readonly applyBan: ApplyBan
}

/** The channel on which the bridge id of a changed list is announced. */
const NEWS_CHANNEL = 'gossip_bridge_bans'
const DAY_MS = 86_400_000
/** With more changes than this, reading the whole list is cheaper. */
const LONGEST_CATCH_UP = 1000
const SWEEP_BATCH = 500
const FULL = 'the list is full: the oldest expiry makes room'
const OVER = 'its time is over'

/** The bans of one bridge in Postgres, which also provides the clock. */
export class PostgresBanStore implements BanStore {
  readonly awayWords = 'the ban store is away'
  readonly #bridgeId: string
  readonly #maxEntries: number
  readonly #auditRetentionMs: number
  readonly #postgres: Postgres
  readonly #log: Logger
  readonly #applyBan: ApplyBan
  readonly #prepare: () => Promise<void>
  readonly #news: BanNews

  constructor(options: PostgresBanStoreOptions, { postgres, log, prepare, applyBan }: PostgresBanStoreDeps) {
    this.#bridgeId = options.bridgeId
    this.#maxEntries = options.maxEntries
    this.#auditRetentionMs = options.auditRetentionMs ?? 90 * DAY_MS
    this.#postgres = postgres
    this.#log = log
    this.#applyBan = applyBan
    this.#prepare = prepare
    this.#news = new BanNews({ channel: NEWS_CHANNEL, bridgeId: options.bridgeId }, { postgres, log })
  }

  remark(): string | undefined {
    const trouble = this.#news.trouble()
    return trouble && `other instances hear of changes with their next poll, up to two seconds late: ${trouble}`
  }

  async load(): Promise<BanSnapshot> {
    await this.#prepare()
    return this.#postgres.transaction(async (client) => {
      await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
      const lists = await client.query(
        'SELECT clock_timestamp() AS now, (SELECT revision FROM gossip_bridge.ban_lists WHERE bridge_id = $1) AS revision',
        [this.#bridgeId],
      )
      const bans = await client.query<BanRow>('SELECT key, until, since, reason, cause FROM gossip_bridge.bans WHERE bridge_id = $1', [
        this.#bridgeId,
      ])
      const { revision, now } = lists.rows[0] as { revision: string | null; now: Date }
      return { revision: Number(revision ?? 0), bans: bans.rows.map(toBan), now: now.getTime() }
    })
  }

  async changesSince(revision: number): Promise<readonly StoredChange[] | undefined> {
    await this.#prepare()
    const rows = await this.#postgres.query<ChangeRow & { newest: string }>(
      `SELECT lists.revision AS newest, changes.* FROM gossip_bridge.ban_lists AS lists
       LEFT JOIN gossip_bridge.ban_changes AS changes ON changes.bridge_id = lists.bridge_id AND changes.revision > $2
       WHERE lists.bridge_id = $1 ORDER BY changes.revision LIMIT $3`,
      [this.#bridgeId, revision, LONGEST_CATCH_UP],
    )
    const newest = Number(rows[0]?.newest ?? 0)
    // The history has holes, is too long, or runs backwards (a restored backup): the caller must load the whole list.
    if (newest - revision !== rows.filter((row) => row.revision !== null).length) return undefined
    return newest === revision ? [] : rows.map(toStoredChange)
  }

  /** One transaction: the ban, its audit line, its source. Then the notification. */
  async change(request: BanRequest, source: BanSource): Promise<BanOutcome> {
    await this.#prepare()
    return this.#transaction(async (list) => {
      const { row, isKnown } = await list.look(source.cause, request.key)
      const earlier = isKnown ? await list.changeOf(source.cause) : undefined
      if (earlier) return { change: earlier.change, isRepeated: true, changes: [] }
      if (source.quota && !source.quota.allows(await list.bannedBy(source.quota))) {
        return { change: { ...request, changed: false, cause: source.cause }, isRepeated: false, isOverQuota: true, changes: [] }
      }
      await this.#apply(list, request, source, row)
      const change = list.changes.at(-1)?.change
      if (!change) throw new Error(`the change ${source.cause} of the ban list left no audit line`)
      return { change, isRepeated: false, changes: list.changes }
    })
  }

  async sweep(): Promise<number> {
    await this.#prepare()
    for (let swept = SWEEP_BATCH; swept === SWEEP_BATCH; ) swept = await this.#sweepBatch()
    const [row] = await this.#postgres.query<{ now: Date }>(
      `WITH old AS (DELETE FROM gossip_bridge.ban_changes
         WHERE bridge_id = $1 AND published_at IS NOT NULL AND at < now() - $2 * interval '1 millisecond')
       SELECT clock_timestamp() AS now`,
      [this.#bridgeId, this.#auditRetentionMs],
    )
    return row?.now.getTime() ?? Number.NaN
  }

  watch(watcher: BanWatcher): () => Promise<void> {
    const onNotification = (bridgeId: string) => {
      if (bridgeId === this.#bridgeId) watcher.onNews()
    }
    const onWatching = () => watcher.onWatching()
    const onLost = (error: Error) => watcher.onLost(error)
    const options = { channel: NEWS_CHANNEL, name: 'gossip-bridge listener' }
    const listener = new Listener(options, { postgres: this.#postgres, onNotification, onWatching, onLost })
    listener.start()
    return () => listener.stop()
  }

  /** `row`: the entry of the request's key. */
  async #apply(list: BanTransaction, request: BanRequest, { cause, evidence = null }: BanSource, row: BanRow | undefined): Promise<void> {
    const { action, key, until, reason } = request
    // The stored count may be wrong after a manual change of the table, so it is corrected where it decides.
    if (action === 'clear' || (action === 'add' && !row && list.entries >= this.#maxEntries)) await list.recount()
    const state = { old: row && toBan(row), entries: list.entries, maxEntries: this.#maxEntries, now: list.now }
    const { changed, ban, room } = this.#applyBan(request, cause, state)
    // Before the new entry, so that no reader of the changes ever exceeds the bound.
    if (room > 0) await this.#makeRoom(list, room)
    if (ban) await list.put(ban, row === undefined)
    const gone = action === 'clear' ? await list.delete('true') : action === 'remove' ? await list.delete('key = $2', key) : []
    // Otherwise the next offence, however small, would ban the peer again at once.
    if (changed && !ban) await list.forgive(action === 'clear' ? null : key)
    const removedKeys = action === 'clear' ? gone.map((each) => each.key) : []
    await list.record([{ action, key, until, since: ban?.since ?? null, reason, changed, source: cause, evidence, removedKeys }])
  }

  async #makeRoom(list: BanTransaction, room: number): Promise<void> {
    const gone = await list.delete(
      `key IN (SELECT key FROM gossip_bridge.bans WHERE bridge_id = $1 ORDER BY until NULLS LAST, since, key COLLATE "C" LIMIT $2)`,
      room,
    )
    await list.record(gone.map(({ key }) => ({ action: 'remove', key, reason: FULL, changed: true })))
    this.#log.warn({ maxEntries: this.#maxEntries, removed: gone.map(({ key }) => key) }, 'ban list is full, the oldest expiry made room')
  }

  async #sweepBatch(): Promise<number> {
    const over = await this.#postgres.query('SELECT 1 FROM gossip_bridge.bans WHERE bridge_id = $1 AND until <= now() LIMIT 1', [
      this.#bridgeId,
    ])
    if (over.length === 0) return 0
    return this.#transaction(async (list) => {
      const gone = await list.delete(
        `key IN (SELECT key FROM gossip_bridge.bans WHERE bridge_id = $1 AND until <= now() ORDER BY until LIMIT $2)`,
        SWEEP_BATCH,
      )
      if (gone.length > 0) await list.record(gone.map(({ key }) => ({ action: 'expire', key, reason: OVER, changed: true })))
      return gone.length
    })
  }

  async #transaction<Result>(work: (list: BanTransaction) => Promise<Result>): Promise<Result> {
    let hasChanged = false
    const result = await this.#postgres.transaction(async (client) => {
      const list = new BanTransaction({ bridgeId: this.#bridgeId }, { client })
      await list.lock()
      const done = await work(list)
      hasChanged = list.changes.length > 0
      return done
    })
    if (hasChanged) this.#news.announce()
    return result
  }
}
