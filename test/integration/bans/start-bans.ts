import { Registry } from 'prom-client'
import type { Ban } from '../../../src/bans/ban.ts'
import type { Bans } from '../../../src/bans/bans.ts'
import { createBans } from '../../../src/bans/bans.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { Health } from '../../../src/lifecycle/health.ts'
import { createBansMetrics } from '../../../src/telemetry/bans-metrics.ts'
import { onEnd } from '../../support/on-end.ts'
import { openBanStore, silent } from '../postgres/open-postgres.ts'

export interface StartBansOptions {
  bridgeId?: string
  maxEntries?: number
  deadlineMs?: number
  sweepMs?: number
  fallback?: () => Promise<Ban[]>
}

/** The bans of one instance on a real database, stopped at the end of the test. Starting is left to the test. */
export function makeBans(url: string, options: StartBansOptions = {}): Bans & { health: Health } {
  const { bridgeId = 'a', maxEntries = 1000, deadlineMs = 30_000, sweepMs = 60_000, fallback } = options
  const health = new Health({ clock: SYSTEM_CLOCK })
  const bans = createBans(
    { bridgeId, defaultDurationMs: 3_600_000, maxEntries, sweepMs },
    {
      clock: SYSTEM_CLOCK,
      eventLogNow: SYSTEM_CLOCK.wall,
      store: openBanStore(url, { bridgeId, maxEntries, deadlineMs }),
      fallback,
      log: silent,
      metrics: createBansMetrics(new Registry()),
      health: health.part('bans'),
    },
  )
  onEnd(() => bans.stop())
  return { ...bans, health }
}

export async function startBans(url: string, options: StartBansOptions = {}): Promise<Bans & { health: Health }> {
  const bans = makeBans(url, options)
  await bans.start()
  return bans
}
