import type pg from 'pg'
import type { Ban, BanChange } from '../../bans/ban.ts'
import type { BanQuota, StoredChange } from '../../bans/ports.ts'
import { type BanRow, CHANGE_COLUMNS, type ChangeRow, toStoredChange } from './ban-rows.ts'

/** Of the keys that a door banned a moment ago: any quota is reached long before. */
const MOST_BANNED = 10_000

/** An audit line without its revision. */
export interface NewChange {
  readonly action: BanChange['action']
  readonly key: string
  readonly until?: number | null
  readonly since?: number | null
  readonly reason: string
  readonly changed: boolean
  /** Omitted for changes without a command. It is then derived from the revision, which is unique. */
  readonly source?: string
  readonly evidence?: Readonly<Record<string, unknown>> | null
  readonly removedKeys?: readonly string[]
}

/**
 * The changes of one list within one transaction, which holds the list's lock until it ends. So all changes have one order, and
 * a reader that sees revision n sees all revisions before it.
 */
export class BanTransaction {
  readonly #client: pg.ClientBase
  readonly #bridgeId: string
  readonly #changes: StoredChange[] = []
  #revision = 0
  #entries = 0
  #now = 0

  constructor(options: { bridgeId: string }, { client }: { client: pg.ClientBase }) {
    this.#bridgeId = options.bridgeId
    this.#client = client
  }

  get entries(): number {
    return this.#entries
  }

  /** The database's time when the lock was taken, in milliseconds since the epoch. */
  get now(): number {
    return this.#now
  }

  get changes(): readonly StoredChange[] {
    return this.#changes
  }

  async lock(): Promise<void> {
    // If the row exists, the update changes nothing but locks it.
    const { rows } = await this.#client.query(
      `INSERT INTO gossip_bridge.ban_lists (bridge_id) VALUES ($1)
       ON CONFLICT (bridge_id) DO UPDATE SET bridge_id = excluded.bridge_id RETURNING revision, entries, clock_timestamp() AS now`,
      [this.#bridgeId],
    )
    const { revision, entries, now } = rows[0] as { revision: string; entries: number; now: Date }
    this.#revision = Number(revision)
    this.#entries = entries
    this.#now = now.getTime()
  }

  /** The entry of a key, and whether a change of this source is stored. In one round trip: each command waits for the one before it. */
  async look(source: string, key: string): Promise<{ readonly row: BanRow | undefined; readonly isKnown: boolean }> {
    const { rows } = await this.#client.query<BanRow & { is_known: boolean }>(
      `SELECT key, until, since, reason, cause,
         EXISTS (SELECT 1 FROM gossip_bridge.ban_changes WHERE bridge_id = $1 AND source = $2) AS is_known
       FROM (VALUES (1)) AS one LEFT JOIN gossip_bridge.bans ON bridge_id = $1 AND key = $3`,
      [this.#bridgeId, source, key],
    )
    const [row] = rows
    return { row: row && row.key !== null ? row : undefined, isKnown: row?.is_known === true }
  }

  async changeOf(source: string): Promise<StoredChange | undefined> {
    const { rows } = await this.#client.query<ChangeRow>(
      `SELECT ${CHANGE_COLUMNS} FROM gossip_bridge.ban_changes WHERE bridge_id = $1 AND source = $2`,
      [this.#bridgeId, source],
    )
    return rows[0] && toStoredChange(rows[0])
  }

  /** The keys that a door has banned within these milliseconds. Two queries, one for each of the audit's indexes. */
  async bannedBy({ door, windowMs }: Pick<BanQuota, 'door' | 'windowMs'>): Promise<string[]> {
    const { rows } = await this.#client.query<{ key: string }>(
      `SELECT DISTINCT key FROM (
         SELECT key, at, action, changed, evidence FROM gossip_bridge.ban_changes WHERE bridge_id = $1 AND published_at IS NULL
         UNION ALL
         SELECT key, at, action, changed, evidence FROM gossip_bridge.ban_changes
         WHERE bridge_id = $1 AND published_at IS NOT NULL AND at > now() - $3 * interval '1 millisecond') AS lately
       WHERE action = 'add' AND changed AND evidence->>'door' = $2 AND at > now() - $3 * interval '1 millisecond' LIMIT ${MOST_BANNED}`,
      [this.#bridgeId, door, windowMs],
    )
    return rows.map(({ key }) => key)
  }

  async put(ban: Ban, isNew: boolean): Promise<void> {
    await this.#client.query(
      `INSERT INTO gossip_bridge.bans (bridge_id, key, until, since, reason, cause) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (bridge_id, key) DO UPDATE
       SET until = excluded.until, since = excluded.since, reason = excluded.reason, cause = excluded.cause`,
      [this.#bridgeId, ban.key, toDate(ban.until), toDate(ban.since), ban.reason, ban.cause],
    )
    if (isNew) this.#entries++
  }

  /** Removes the rows of this list that the condition picks; `$1` in it is the bridge id. Returns them. */
  async delete(condition: string, ...values: unknown[]): Promise<BanRow[]> {
    const { rows } = await this.#client.query<BanRow>(
      `DELETE FROM gossip_bridge.bans WHERE bridge_id = $1 AND ${condition} RETURNING key, until, since, reason, cause`,
      [this.#bridgeId, ...values],
    )
    this.#entries = Math.max(0, this.#entries - rows.length)
    return rows
  }

  /** Sets the scores of these peers to 0, of all with null. Their offences stay known, so that a redelivered record charges nobody. */
  async forgive(peerId: string | null): Promise<void> {
    await this.#client.query('DELETE FROM gossip_bridge.scores WHERE bridge_id = $1 AND ($2::text IS NULL OR peer_id = $2)', [
      this.#bridgeId,
      peerId,
    ])
  }

  /** Counts the entries again, in case somebody changed the table by hand. */
  async recount(): Promise<void> {
    const { rows } = await this.#client.query('SELECT count(*) AS entries FROM gossip_bridge.bans WHERE bridge_id = $1', [this.#bridgeId])
    this.#entries = Number(rows[0]?.entries)
  }

  /** Writes audit lines, each with the next revision, and the list's new state. */
  async record(changes: readonly NewChange[]): Promise<void> {
    const lines = changes.map((change, index) => toLine(change, this.#revision + index + 1))
    this.#revision += lines.length
    const { rows } = await this.#client.query<ChangeRow>(
      `WITH list AS (UPDATE gossip_bridge.ban_lists SET revision = $3, entries = $4 WHERE bridge_id = $1)
       INSERT INTO gossip_bridge.ban_changes
         (bridge_id, revision, action, key, until, since, reason, changed, source, evidence, removed_keys)
       SELECT $1, line.* FROM jsonb_to_recordset($2) AS line
         (revision bigint, action text, key text, until timestamptz, since timestamptz, reason text, changed boolean, source text,
          evidence jsonb, removed_keys text[])
       RETURNING ${CHANGE_COLUMNS}`,
      [this.#bridgeId, JSON.stringify(lines), this.#revision, this.#entries],
    )
    this.#changes.push(...rows.map(toStoredChange))
  }
}

function toLine(change: NewChange, revision: number): Record<string, unknown> {
  const { action, key, reason, changed, evidence = null, removedKeys = [] } = change
  const source = change.source ?? `${action}:${revision}`
  return {
    revision,
    action,
    key,
    until: iso(change.until),
    since: iso(change.since),
    reason,
    changed,
    source,
    evidence,
    removed_keys: removedKeys,
  }
}

function toDate(time: number | null): Date | null {
  return time === null ? null : new Date(time)
}

function iso(time: number | null | undefined): string | null {
  return time == null ? null : new Date(time).toISOString()
}
