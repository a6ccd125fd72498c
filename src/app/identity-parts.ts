import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { Settings } from '../config/settings.ts'
import { createPostgres } from '../postgres/connection/pool.ts'
import { PostgresError } from '../postgres/connection/postgres-error.ts'
import { IdentityLock } from '../postgres/identities/identity-lock.ts'
import { IdentitySession } from '../postgres/identities/identity-session.ts'
import { createIdentityStore } from '../postgres/identities/identity-store.ts'
import { createIdentityMetrics } from '../telemetry/identity-metrics.ts'
import { type IdentityDeps, type IdentitySource, IdentityUse } from './identity-use.ts'

/** What such a key is taken, kept and given back with. */
export interface IdentityParts extends ReturnType<typeof createIdentityParts> {}

/** A migration may wait long for that of another instance; nobody waits so long for it here. */
const PREPARE_MS = 5000

const UNHELD = {
  pool: 'it is taken back as soon as Postgres answers; after half of identity_lease without it the host is stopped and the process ends',
  configured: 'the host runs on, and nothing keeps a second one from using p2p_private_key until Postgres answers',
} as const

/** What both kinds of locked identity are made of. */
export function createIdentityParts(settings: Settings, source: IdentitySource, deps: IdentityDeps) {
  const { log, health, registry } = deps
  const part = health.part('identity')
  const metrics = createIdentityMetrics(registry)
  const leaseMs = settings.identity_lease
  const answerMs = Math.min(5000, leaseMs / 6)
  const postgres = createPostgres(
    {
      connectionString: settings.banlist_db,
      applicationName: `gossip-bridge identity ${settings.instance_id}`,
      maxConnections: 1,
      deadlineMs: answerMs,
    },
    { log },
  )
  const session = { bridgeId: settings.bridge_id, instanceId: settings.instance_id, host: hostname(), token: randomUUID(), answerMs }
  const use = new IdentityUse(source, deps)
  const store = createIdentityStore({ bridgeId: settings.bridge_id }, { postgres, log })
  const open = async (signal: AbortSignal) => {
    await inTime(store.prepare(), PREPARE_MS, signal)
    return IdentitySession.open(session, { postgres, signal })
  }

  function unheld(error: Error): void {
    metrics.held.set({ source }, 0)
    part.ready(`the lock of the identity is gone (${error.message}): ${UNHELD[source]}`)
    log.warn({ err: error }, `the lock of the identity is gone: ${UNHELD[source]}`)
  }

  return {
    postgres,
    health: part,
    store,
    open,
    unheld,
    createLock: (peerId: string) =>
      new IdentityLock(
        { peerId, leaseMs: source === 'pool' ? leaseMs : null, renewEachMs: leaseMs / 10 },
        {
          open,
          onHeld: () => {
            metrics.held.set({ source }, 1)
            part.ready(`${peerId}, held by this instance alone`)
          },
          onUnheld: (error) => {
            metrics.losses.inc()
            unheld(error)
          },
          onLost: (error) => {
            metrics.held.set({ source }, 0)
            part.notReady(`lost: ${error.message}`)
            void use.end(error)
          },
        },
      ),
    keep: (lock: IdentityLock) => ({
      isSure: () => lock.isSure(),
      guard: (host: { stop(): Promise<void> }) => use.begin(host),
      async stop() {
        const isUnused = await use.hostStopped().then(
          () => true,
          () => false,
        )
        await lock.stop({ isUnused })
        await postgres.stop()
      },
    }),
  }
}

async function inTime(work: Promise<void>, deadlineMs: number, signal: AbortSignal): Promise<void> {
  const late = new AbortController()
  const onAbort = () => late.abort()
  signal.addEventListener('abort', onAbort, { once: true })
  const deadline = delay(deadlineMs, undefined, { signal: late.signal }).then(() => {
    throw new PostgresError(`the database was not brought up to date within ${deadlineMs} ms`, false)
  })
  try {
    signal.throwIfAborted()
    await Promise.race([work, deadline])
  } finally {
    signal.removeEventListener('abort', onAbort)
    late.abort()
  }
}
