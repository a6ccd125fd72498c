import pino from 'pino'
import { onTestFinished } from 'vitest'
import { applyBan } from '../../../src/bans/apply-ban.ts'
import type { Ban } from '../../../src/bans/ban.ts'
import { createBans } from '../../../src/bans/bans.ts'
import { MemoryBanStore } from '../../../src/bans/memory-ban-store.ts'
import type { BanStore, BanWatcher } from '../../../src/bans/ports.ts'
import { fakeClock } from '../../support/fake-clock.ts'

export const NOW = Date.UTC(2026, 0, 1)
export const ADDRESS = { address: '192.0.2.1' }
export const add = { action: 'add', key: '192.0.2.1' }

/** A memory store with a clock, as a database has one, that a second instance may also change, and that can be made to fail. */
export class SharedStore extends MemoryBanStore implements BanStore {
  failure: Error | undefined
  /** Reading works, and writing does not. */
  writeFailure: Error | undefined
  readonly clock: ReturnType<typeof fakeClock>
  watcher: BanWatcher | undefined
  loads = 0

  constructor() {
    const clock = fakeClock(NOW)
    super({ maxEntries: 10 }, { applyBan, now: clock.wall })
    this.clock = clock
  }

  override async load() {
    this.loads++
    if (this.failure) throw this.failure
    return { ...(await super.load()), now: this.clock.wall() }
  }

  override async changesSince(revision: number) {
    if (this.failure) throw this.failure
    return super.changesSince(revision)
  }

  override async change(...parameters: Parameters<MemoryBanStore['change']>) {
    if (this.failure ?? this.writeFailure) throw this.failure ?? this.writeFailure
    return super.change(...parameters)
  }

  override async sweep() {
    if (this.writeFailure) throw this.writeFailure
    await super.sweep()
    return this.clock.wall()
  }

  override watch(watcher: BanWatcher) {
    this.watcher = watcher
    return super.watch(watcher)
  }
}

/** The bans of one instance, which stop when the test ends. */
export function setUp(
  options: { store?: SharedStore; fallback?: () => Promise<Ban[]>; caveat?: string; aheadMs?: number; pollMs?: number } = {},
) {
  const said: string[] = []
  const counted: string[] = []
  const answered: string[] = []
  const store = options.store ?? new SharedStore()
  const clock = fakeClock(NOW + (options.aheadMs ?? 0))
  const eventLog = fakeClock(NOW)
  const bans = createBans(
    {
      bridgeId: 'a',
      defaultDurationMs: 60_000,
      maxEntries: 10,
      pollMs: options.pollMs ?? 60_000,
      ...(options.caveat ? { caveat: options.caveat } : {}),
    },
    {
      store,
      fallback: options.fallback,
      log: pino({ level: 'silent' }),
      metrics: {
        entries: { set: () => {} },
        changes: { inc: ({ action }) => counted.push(action) },
        commands: { inc: ({ door, outcome }) => answered.push(`${door} ${outcome}`) },
        storeUp: { set: () => {} },
      },
      health: { ready: (detail) => said.push(`ready: ${detail ?? 'ok'}`), notReady: (reason) => said.push(`not ready: ${reason}`) },
      clock,
      eventLogNow: () => eventLog.wall(),
    },
  )
  onTestFinished(() => bans.stop())
  return { bans, store, clock, eventLog, said, counted, answered }
}

let offset = 0
/** The origin of a new command of the topic. */
export const given = () => ({ door: 'kafka', who: null, cause: `ban-commands:0:${offset++}`, givenAt: NOW }) as const
