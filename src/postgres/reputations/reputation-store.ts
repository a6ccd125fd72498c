import type pg from 'pg'
import type { ApplyReports, PeerReports, PeerReputation, ReputationStore } from '../../reputation/ports.ts'
import type { Postgres } from '../connection/pool.ts'

type Reputation = PeerReputation['reputation']

export interface PostgresReputationStoreOptions {
  readonly bridgeId: string
  /** Those reported least recently are forgotten first. */
  readonly maxPeers: number
}

export interface PostgresReputationStoreDeps {
  readonly postgres: Postgres
  /** Before the first use: see prepare.ts. */
  readonly prepare: () => Promise<void>
  /** The domain's rule for a reputation. */
  readonly applyReports: ApplyReports
  /** The reputation of a peer of which nothing was reported. */
  readonly start: Reputation
}

interface Row {
  readonly peerId: string
  /** As JSON: `bytes` is text there, because it may be larger than a number. */
  readonly reputation: Omit<Reputation, 'bytes'> & { readonly bytes: string }
}

const LIFETIME = '30 days'
/** A transaction that began earlier may commit later: changes of the last seconds are read again. */
const OVERLAP = '10 seconds'

/** The reputations of one bridge in Postgres, which all its instances write and read. */
export function createReputationStore(options: PostgresReputationStoreOptions, deps: PostgresReputationStoreDeps): ReputationStore {
  const { bridgeId, maxPeers } = options
  const { postgres, prepare, applyReports, start } = deps
  return {
    async add(all) {
      await prepare()
      const ordered = [...all].sort((one, other) => (one.peerId < other.peerId ? -1 : 1)) // locks are taken in one order
      return postgres.transaction((client) => addAll(client, bridgeId, ordered, { applyReports, start }))
    },
    async read(since) {
      await prepare()
      const rows = await postgres.query<Row & { now: string }>(
        `SELECT peer_id AS "peerId", reputation, (now() - interval '${OVERLAP}')::text AS now FROM gossip_bridge.reputations
         WHERE bridge_id = $1 AND ($2::text IS NULL OR changed_at > $2::text::timestamptz) ORDER BY changed_at DESC LIMIT $3`,
        [bridgeId, since, maxPeers],
      )
      const changed = rows.reverse().map(({ peerId, reputation }) => ({ peerId, reputation: fromJson(reputation, start) }))
      return { changed, cursor: rows[0]?.now ?? since }
    },
    async reset(peerId) {
      await prepare()
      const rows = await postgres.query(
        `UPDATE gossip_bridge.reputations SET reputation = $3, changed_at = now()
         WHERE bridge_id = $1 AND ($2::text IS NULL OR peer_id = $2) RETURNING peer_id`,
        [bridgeId, peerId, toJson(start)],
      )
      return rows.length
    },
    async sweep() {
      await prepare()
      await postgres.query(
        `DELETE FROM gossip_bridge.reputations WHERE bridge_id = $1 AND (changed_at < now() - interval '${LIFETIME}' OR peer_id IN (
           SELECT peer_id FROM gossip_bridge.reputations WHERE bridge_id = $1 ORDER BY changed_at DESC OFFSET $2))`,
        [bridgeId, maxPeers],
      )
    },
  }
}

async function addAll(
  client: pg.ClientBase,
  bridgeId: string,
  all: readonly PeerReports[],
  { applyReports, start }: Pick<PostgresReputationStoreDeps, 'applyReports' | 'start'>,
): Promise<PeerReputation[]> {
  const { rows } = await client.query<Row>(
    `INSERT INTO gossip_bridge.reputations (bridge_id, peer_id, reputation, changed_at)
     SELECT $1, peer_id, $3, now() FROM unnest($2::text[]) AS peer_id
     ON CONFLICT (bridge_id, peer_id) DO UPDATE SET changed_at = now() RETURNING peer_id AS "peerId", reputation`,
    [bridgeId, all.map(({ peerId }) => peerId), toJson(start)],
  )
  const old = new Map(rows.map(({ peerId, reputation }) => [peerId, fromJson(reputation, start)]))
  const changed = all.map(({ peerId, reports }) => ({ peerId, reputation: applyReports(old.get(peerId) ?? start, reports) }))
  await client.query(
    `UPDATE gossip_bridge.reputations AS kept SET reputation = line.reputation
     FROM unnest($2::text[], $3::jsonb[]) AS line (peer_id, reputation) WHERE kept.bridge_id = $1 AND kept.peer_id = line.peer_id`,
    [bridgeId, changed.map(({ peerId }) => peerId), changed.map(({ reputation }) => toJson(reputation))],
  )
  return changed
}

function toJson(reputation: Reputation): string {
  return JSON.stringify({ ...reputation, bytes: String(reputation.bytes) })
}

/** A property that an older release did not write has its start value. */
function fromJson(stored: Row['reputation'], start: Reputation): Reputation {
  return { ...start, ...stored, bytes: BigInt(stored.bytes) }
}
