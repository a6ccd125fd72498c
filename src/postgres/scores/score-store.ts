import type pg from 'pg'
import type { AddPoints, ScoreStore, StoredOffence } from '../../scores/ports.ts'
import type { Postgres } from '../connection/pool.ts'

export interface PostgresScoreStoreOptions {
  readonly bridgeId: string
  /** How long an offence is known, so that a redelivered record is not charged again. */
  readonly retentionMs?: number
}

export interface PostgresScoreStoreDeps {
  readonly postgres: Postgres
  /** Before the first use: see prepare.ts. */
  readonly prepare: () => Promise<void>
  /** The domain's rule for a score. */
  readonly addPoints: AddPoints
}

/** Longer than Kafka keeps the records of verdicts by default. */
const RETENTION_MS = 7 * 86_400_000
/** Offences that a ban names as its evidence. */
const LATEST = 20
/** No score lives longer: it loses a point a minute. */
const LONGEST_SCORE = '1 day'

interface OffenceRow extends Omit<StoredOffence, 'at'> {
  readonly at: Date
}

/** The scores of one bridge in Postgres, which also provides the clock. */
export function createScoreStore(options: PostgresScoreStoreOptions, deps: PostgresScoreStoreDeps): ScoreStore {
  const { bridgeId, retentionMs = RETENTION_MS } = options
  const { postgres, prepare, addPoints } = deps
  return {
    async charge(peerId, offences) {
      await prepare()
      return postgres.transaction(async (client) => {
        const { old, now } = await lockScore(client, bridgeId, peerId)
        const { rows } = await client.query<{ points: number }>(
          `INSERT INTO gossip_bridge.offences (bridge_id, peer_id, cause, reason, points, evidence)
           SELECT $1, $2, line.* FROM jsonb_to_recordset($3) AS line (cause text, reason text, points integer, evidence jsonb)
           ON CONFLICT DO NOTHING RETURNING points`,
          [bridgeId, peerId, JSON.stringify(offences)],
        )
        const isRepeated = rows.length === 0
        const added = rows.reduce((sum, { points }) => sum + points, 0)
        const score = addPoints(old, added, now)
        await client.query('UPDATE gossip_bridge.scores SET points = $3, at = $4 WHERE bridge_id = $1 AND peer_id = $2', [
          bridgeId,
          peerId,
          score.points,
          new Date(score.at),
        ])
        return { points: score.points, isRepeated, latest: await latestOffences(client, bridgeId, peerId) }
      })
    },
    async list(limit) {
      await prepare()
      const rows = await postgres.query<{ peerId: string; points: number; at: Date; now: Date }>(
        `SELECT peer_id AS "peerId", points, at, clock_timestamp() AS now FROM gossip_bridge.scores
         WHERE bridge_id = $1 AND points > 0 ORDER BY points DESC, peer_id LIMIT $2`,
        [bridgeId, limit],
      )
      return rows.map(({ peerId, points, at, now }) => ({ peerId, ...addPoints({ points, at: at.getTime() }, 0, now.getTime()) }))
    },
    async sweep() {
      await prepare()
      await postgres.query(
        `WITH old AS (DELETE FROM gossip_bridge.offences WHERE bridge_id = $1 AND at < now() - $2 * interval '1 millisecond')
         DELETE FROM gossip_bridge.scores WHERE bridge_id = $1 AND at < now() - interval '${LONGEST_SCORE}'
           AND at < now() - points * interval '1 minute'`,
        [bridgeId, retentionMs],
      )
    },
  }
}

/** Creates the row if there is none, and holds it until the transaction ends: charges of one peer come one after the other. */
async function lockScore(client: pg.ClientBase, bridgeId: string, peerId: string) {
  const { rows } = await client.query<{ points: number; at: Date; now: Date }>(
    `INSERT INTO gossip_bridge.scores (bridge_id, peer_id, points, at) VALUES ($1, $2, 0, clock_timestamp())
     ON CONFLICT (bridge_id, peer_id) DO UPDATE SET bridge_id = excluded.bridge_id RETURNING points, at, clock_timestamp() AS now`,
    [bridgeId, peerId],
  )
  const [row] = rows
  return { old: row && { points: row.points, at: row.at.getTime() }, now: row?.now.getTime() ?? Number.NaN }
}

async function latestOffences(client: pg.ClientBase, bridgeId: string, peerId: string): Promise<StoredOffence[]> {
  const { rows } = await client.query<OffenceRow>(
    `SELECT cause, reason, points, at, evidence FROM gossip_bridge.offences
     WHERE bridge_id = $1 AND peer_id = $2 ORDER BY at DESC, cause LIMIT ${LATEST}`,
    [bridgeId, peerId],
  )
  return rows.map((row) => ({ ...row, at: row.at.getTime() }))
}
