import type pg from 'pg'
import type { HoldOutcome, IdentityHolder, IdentitySession } from '../../identity/ports.ts'
import { withDeadline } from '../../lifecycle/time.ts'
import { destroy, type Postgres } from '../connection/pool.ts'
import { IS_LOCK_OF_PEER } from './identity-store.ts'

export interface IdentitySessionOptions {
  readonly bridgeId: string
  readonly instanceId: string
  /** The machine's name, shown to people. */
  readonly host: string
  /** A UUID of this process. */
  readonly token: string
  /** Deadline of each query. */
  readonly answerMs: number
}

interface HolderRow extends IdentityHolder {
  readonly token: string
  readonly leaseLeftMs: number | null
}

const HOLDER = 'instance_id AS "instanceId", host, since, token'
/**
 * Makes Postgres notice that a holder's machine is gone: 10 s of silence, then three probes 5 s apart. A frozen process keeps its
 * lock, because its kernel answers the probes. Not every version of Postgres knows all of these settings.
 */
const SESSION_SETTINGS = `
  SELECT set_config(name, value, false) FROM (VALUES
    ('tcp_keepalives_idle', '10'), ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3'), ('tcp_user_timeout', '25000'),
    ('idle_session_timeout', '0')) AS wanted (name, value)
  WHERE EXISTS (SELECT FROM pg_settings WHERE pg_settings.name = wanted.name)`

/**
 * A dedicated connection that holds the lock of one peer id while it is open. Never through PgBouncer in transaction mode,
 * which would give the connection, and with it the lock, to the next client.
 */
export class PostgresIdentitySession implements IdentitySession {
  readonly #options: IdentitySessionOptions
  readonly #client: pg.Client
  readonly #postgres: Postgres
  readonly #ended = new AbortController()
  #held: { peerId: string; leaseMs: number | null; pid: number } | undefined

  /** Rejects with PostgresError. */
  static async open(options: IdentitySessionOptions, deps: { postgres: Postgres; signal: AbortSignal }): Promise<PostgresIdentitySession> {
    const client = await deps.postgres.connect(`gossip-bridge identity ${options.instanceId}`, deps.signal)
    const session = new PostgresIdentitySession(options, client, deps.postgres)
    try {
      await session.#ask(SESSION_SETTINGS, [])
      return session
    } catch (error) {
      session.end()
      throw error
    }
  }

  private constructor(options: IdentitySessionOptions, client: pg.Client, postgres: Postgres) {
    this.#options = options
    this.#client = client
    this.#postgres = postgres
    client.once('end', () => this.#ended.abort(new Error('the connection that holds the identity was closed')))
  }

  get ended(): AbortSignal {
    return this.#ended.signal
  }

  async hold(peerId: string, leaseMs: number | null): Promise<HoldOutcome> {
    const lock = 'SELECT pg_try_advisory_lock(gossip_bridge.identity_lock($1)) AS locked, pg_backend_pid() AS pid'
    const [answer] = await this.#ask<{ locked: boolean; pid: number }>(lock, [peerId])
    if (!answer?.locked) return this.#whoHas(peerId)
    const leased = await this.#leaseOfOthers(peerId)
    if (leased) {
      await this.#ask('SELECT pg_advisory_unlock(gossip_bridge.identity_lock($1))', [peerId])
      return { kind: 'leased', holder: leased, leaseLeftMs: leased.leaseLeftMs ?? 0 }
    }
    const { bridgeId, instanceId, host, token } = this.#options
    await this.#ask(
      `INSERT INTO gossip_bridge.identity_holders (bridge_id, peer_id, instance_id, host, token, lease_until)
       VALUES ($1, $2, $3, $4, $5, clock_timestamp() + make_interval(secs => $6))
       ON CONFLICT (bridge_id, peer_id) DO UPDATE SET lease_until = excluded.lease_until, instance_id = excluded.instance_id,
         host = excluded.host, token = excluded.token,
         since = CASE WHEN identity_holders.token = excluded.token THEN identity_holders.since ELSE excluded.since END`,
      [bridgeId, peerId, instanceId, host, token, seconds(leaseMs)],
    )
    this.#held = { peerId, leaseMs, pid: answer.pid }
    return { kind: 'held' }
  }

  async renew(): Promise<void> {
    const held = this.#held
    if (!held) throw new Error('this session holds no identity')
    const [answer] =
      held.leaseMs === null
        ? await this.#ask<{ pid: number }>('SELECT pg_backend_pid() AS pid', [])
        : await this.#ask<{ pid: number }>(
            `UPDATE gossip_bridge.identity_holders SET lease_until = clock_timestamp() + make_interval(secs => $4)
             WHERE bridge_id = $1 AND peer_id = $2 AND token = $3 RETURNING pg_backend_pid() AS pid`,
            [this.#options.bridgeId, held.peerId, this.#options.token, seconds(held.leaseMs)],
          )
    if (answer?.pid === held.pid) return
    this.end()
    throw new Error(
      'the session that answers is not the one that took the lock: banlist_db must not lead through a pooler in transaction mode',
    )
  }

  async release(): Promise<void> {
    try {
      if (this.#held) {
        await this.#ask(
          'UPDATE gossip_bridge.identity_holders SET lease_until = NULL WHERE bridge_id = $1 AND peer_id = $2 AND token = $3',
          [this.#options.bridgeId, this.#held.peerId, this.#options.token],
        )
      }
      await this.#within(() => this.#client.end())
    } finally {
      this.end()
    }
  }

  /** Destroys the socket, even while a query is in flight. */
  end(): void {
    destroy(this.#client)
  }

  async #whoHas(peerId: string): Promise<HoldOutcome> {
    const newest = `SELECT ${HOLDER} FROM gossip_bridge.identity_holders WHERE peer_id = $1 ORDER BY since DESC LIMIT 1`
    const [holder = null] = await this.#ask<HolderRow>(newest, [peerId])
    if (holder?.token !== this.#options.token) return { kind: 'busy', holder }
    const ending = `SELECT pg_terminate_backend(locks.pid) FROM pg_locks AS locks, (SELECT $1::text AS peer_id) AS wanted WHERE ${IS_LOCK_OF_PEER}`
    await this.#ask(ending, [peerId])
    return { kind: 'own' }
  }

  async #leaseOfOthers(peerId: string): Promise<HolderRow | undefined> {
    const { bridgeId, instanceId, token } = this.#options
    const [row] = await this.#ask<HolderRow>(
      `SELECT ${HOLDER}, (extract(epoch FROM lease_until - clock_timestamp()) * 1000)::float8 AS "leaseLeftMs"
       FROM gossip_bridge.identity_holders
       WHERE peer_id = $1 AND lease_until > clock_timestamp() AND token <> $2 AND (bridge_id, instance_id) <> ($3, $4)
       ORDER BY lease_until DESC LIMIT 1`,
      [peerId, token, bridgeId, instanceId],
    )
    return row
  }

  async #ask<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> {
    try {
      return (await this.#within(() => this.#client.query<Row>(text, values))).rows
    } catch (error) {
      this.end() // after a failure, it is uncertain which locks this session holds
      throw this.#postgres.error(error)
    }
  }

  #within<Result>(work: () => Promise<Result>): Promise<Result> {
    return withDeadline(work(), this.#options.answerMs, 'an answer of Postgres')
  }
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000
}
