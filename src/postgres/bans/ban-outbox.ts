import type { Postgres } from '../connection/pool.ts'
import { type BanChangeEntry, CHANGE_COLUMNS, type ChangeRow, toChangeEntry } from './ban-rows.ts'

export interface UnpublishedChange extends BanChangeEntry {
  /** What a `clear` removed. */
  readonly removedKeys: readonly string[]
}

/** The audit lines of one bridge that have not been published yet, oldest first. */
export interface BanOutbox {
  pending(limit: number): Promise<UnpublishedChange[]>
  markPublished(revisions: readonly number[]): Promise<void>
}

/** The tables must stand: the ban store makes them on its first use. */
export function createBanOutbox({ bridgeId }: { bridgeId: string }, { postgres }: { postgres: Postgres }): BanOutbox {
  return {
    async pending(limit) {
      const rows = await postgres.query<ChangeRow & { removed_keys: string[] }>(
        `SELECT ${CHANGE_COLUMNS}, removed_keys FROM gossip_bridge.ban_changes
         WHERE bridge_id = $1 AND published_at IS NULL ORDER BY revision LIMIT $2`,
        [bridgeId, limit],
      )
      return rows.map((row) => ({ ...toChangeEntry(row), removedKeys: row.removed_keys }))
    },
    async markPublished(revisions) {
      await postgres.query('UPDATE gossip_bridge.ban_changes SET published_at = now() WHERE bridge_id = $1 AND revision = ANY($2)', [
        bridgeId,
        revisions,
      ])
    },
  }
}
