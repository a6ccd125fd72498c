import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { applyBan } from '../../../src/bans/apply-ban.ts'
import { createBans } from '../../../src/bans/bans.ts'
import { MemoryBanStore } from '../../../src/bans/memory-ban-store.ts'
import type { BanStore } from '../../../src/bans/ports.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import type { PartHealth } from '../../../src/lifecycle/health.ts'
import { createBansMetrics } from '../../../src/telemetry/bans-metrics.ts'

const MAX_ENTRIES = 100_000

/** A real ban list in memory, for the doors. `change` stands in for the store's own, to let it fail. The caller stops it. */
export async function startMemoryBans(
  { change }: { readonly change?: BanStore['change'] | undefined },
  { log, registry, health }: { readonly log: Logger; readonly registry: Registry; readonly health: PartHealth },
) {
  const store = new MemoryBanStore({ maxEntries: MAX_ENTRIES }, { applyBan, now: SYSTEM_CLOCK.wall, initial: async () => [] })
  if (change) store.change = change
  const bans = createBans(
    { bridgeId: 'bridge', defaultDurationMs: 86_400_000, maxEntries: MAX_ENTRIES },
    { store, log, metrics: createBansMetrics(registry), health, clock: SYSTEM_CLOCK, eventLogNow: SYSTEM_CLOCK.wall },
  )
  await bans.start()
  return bans
}
