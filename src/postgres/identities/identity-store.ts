import type { IdentityRow, IdentityStore } from '../../identity/ports.ts'
import { DeadlineError } from '../../lifecycle/time.ts'
import type { Postgres } from '../connection/pool.ts'
import { PostgresError } from '../connection/postgres-error.ts'

/** SQL: true for the row of pg_locks with the lock of `peer_id`. pg_locks stores a 64-bit lock in two halves. */
export const IS_LOCK_OF_PEER = `
  locks.locktype = 'advisory' AND locks.granted AND locks.objsubid = 1
  AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (locks.classid::bigint << 32 | locks.objid::bigint) = gossip_bridge.identity_lock(peer_id)`

const LIST = `
  SELECT peer_id, sealed_key, advertise_addresses, reserved_for, created_at, retired_at, instance_id, host, since,
    GREATEST(0, extract(epoch FROM lease_until - clock_timestamp()) * 1000)::float8 AS lease_left_ms,
    EXISTS (SELECT FROM pg_locks AS locks WHERE ${IS_LOCK_OF_PEER}) AS is_locked
  FROM gossip_bridge.identities FULL JOIN gossip_bridge.identity_holders USING (bridge_id, peer_id)
  WHERE bridge_id = $1 ORDER BY created_at, peer_id`

interface ListRow {
  readonly peer_id: string
  readonly sealed_key: Buffer | null
  readonly advertise_addresses: string[] | null
  readonly reserved_for: string | null
  readonly created_at: Date | null
  readonly retired_at: Date | null
  readonly instance_id: string | null
  readonly host: string | null
  readonly since: Date | null
  readonly lease_left_ms: number | null
  readonly is_locked: boolean
}

/** The key pool in Postgres. */
export function createIdentityStore(
  { bridgeId }: { bridgeId: string },
  { postgres, prepare }: { postgres: Postgres; prepare: () => Promise<void> },
): IdentityStore {
  return {
    prepare,
    list: async () => (await postgres.query<ListRow>(LIST, [bridgeId])).map(toRow),
    add: ({ peerId, sealedKey, advertiseAddresses, reservedFor }, { most } = {}) =>
      postgres.transaction(async (client) => {
        // One at a time per bridge: otherwise instances that start together would exceed the bound.
        await client.query("SELECT pg_advisory_xact_lock(gossip_bridge.identity_lock('pool of ' || $1))", [bridgeId])
        if (most !== undefined) {
          const { rows } = await client.query(
            'SELECT count(*)::int AS count FROM gossip_bridge.identities WHERE bridge_id = $1 AND retired_at IS NULL',
            [bridgeId],
          )
          if (rows[0]?.count >= most) return 'full'
        }
        const { rowCount } = await client.query(
          `INSERT INTO gossip_bridge.identities (bridge_id, peer_id, sealed_key, advertise_addresses, reserved_for)
           VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
          [bridgeId, peerId, sealedKey, advertiseAddresses, reservedFor],
        )
        return rowCount === 1 ? 'added' : 'known'
      }),
    async retire(peerId) {
      const rows = await postgres.query<{ retired_at: Date }>(
        `UPDATE gossip_bridge.identities SET retired_at = COALESCE(retired_at, now())
         WHERE bridge_id = $1 AND peer_id = $2 RETURNING retired_at`,
        [bridgeId, peerId],
      )
      return rows[0]?.retired_at
    },
    isUnavailable: (error) => error instanceof PostgresError || error instanceof DeadlineError,
  }
}

function toRow(row: ListRow): IdentityRow {
  const { instance_id: instanceId, host, since } = row
  return {
    peerId: row.peer_id,
    sealedKey: row.sealed_key,
    advertiseAddresses: row.advertise_addresses,
    reservedFor: row.reserved_for,
    createdAt: row.created_at,
    retiredAt: row.retired_at,
    isLocked: row.is_locked,
    holder: instanceId !== null && host !== null && since !== null ? { instanceId, host, since } : null,
    leaseLeftMs: row.lease_left_ms ?? 0,
  }
}
