import type { SharedOutbox } from '../../bans/ports.ts'
import type { Postgres } from '../connection/pool.ts'
import { CHANGE_COLUMNS, type ChangeRow, toStoredChange } from './ban-rows.ts'

/** The changes of one bridge that have not been published yet. The ban store creates the tables on first use. */
export function createBanOutbox({ bridgeId }: { bridgeId: string }, { postgres }: { postgres: Postgres }): SharedOutbox {
  return {
    async pending(limit) {
      const rows = await postgres.query<ChangeRow & { removed_keys: string[] }>(
        `SELECT ${CHANGE_COLUMNS}, removed_keys FROM gossip_bridge.ban_changes
         WHERE bridge_id = $1 AND published_at IS NULL ORDER BY revision LIMIT $2`,
        [bridgeId, limit],
      )
      return rows.map((row) => ({ ...toStoredChange(row), removedKeys: row.removed_keys }))
    },
    async markPublished(revisions) {
      await postgres.query('UPDATE gossip_bridge.ban_changes SET published_at = now() WHERE bridge_id = $1 AND revision = ANY($2)', [
        bridgeId,
        revisions,
      ])
    },
    async standing() {
      const [row] = await postgres.query<{ revision: string; entries: string; unpublished: string }>(
        `SELECT revision, (SELECT count(*) FROM gossip_bridge.bans WHERE bridge_id = $1) AS entries,
           (SELECT count(*) FROM gossip_bridge.ban_changes WHERE bridge_id = $1 AND published_at IS NULL) AS unpublished
         FROM gossip_bridge.ban_lists WHERE bridge_id = $1`,
        [bridgeId],
      )
      const { revision = 0, entries = 0, unpublished = 0 } = row ?? {}
      return { revision: Number(revision), entries: Number(entries), unpublished: Number(unpublished) }
    },
    async raiseRevision(revision) {
      await postgres.query(
        `INSERT INTO gossip_bridge.ban_lists (bridge_id, revision) VALUES ($1, $2)
         ON CONFLICT (bridge_id) DO UPDATE SET revision = GREATEST(ban_lists.revision, excluded.revision)`,
        [bridgeId, revision],
      )
    },
  }
}
