import type { ReadBanEvidence } from '../../bans/ports.ts'
import type { Postgres } from '../connection/pool.ts'

/** Reads evidence from the audit of one bridge. Old lines of the audit are swept: then there is none. */
export function createReadBanEvidence({ bridgeId }: { bridgeId: string }, { postgres }: { postgres: Postgres }): ReadBanEvidence {
  return async (causes) => {
    const rows = await postgres.query<{ source: string; evidence: Record<string, unknown> }>(
      'SELECT source, evidence FROM gossip_bridge.ban_changes WHERE bridge_id = $1 AND source = ANY($2) AND evidence IS NOT NULL',
      [bridgeId, causes],
    )
    return new Map(rows.map(({ source, evidence }) => [source, evidence]))
  }
}
