import { Registry } from 'prom-client'
import { takeOwnIdentity } from '../../../src/app/identity/own-identity.ts'
import type { OwnIdentity } from '../../../src/identity/own-identity.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { Health } from '../../../src/lifecycle/health.ts'
import { settingsOf } from '../../support/bridge/settings.ts'
import { onEnd } from '../../support/on-end.ts'
import { silent } from './open-postgres.ts'

/** What an instance of the bridge does with its identity, with a host that only knows whether it runs. */
export interface IdentityInstance {
  readonly taken: Promise<OwnIdentity>
  readonly peerId: Promise<string>
  /** What part `identity` says. */
  said(): string
  isReady(): boolean
  metric(name: string): Promise<number | undefined>
  /** By performance.now(); undefined while the host runs. */
  hostStoppedAt(): number | undefined
  /** What ended the process, if anything did. */
  fatal(): Error | undefined
  /** In order: the host, then the identity. */
  stop(): Promise<void>
  /** Before it has taken anything. */
  giveUp(): void
}

export const ENCRYPTION_KEY = '0f'.repeat(32)
/** `leaseMs` may be shorter than an operator may set it, because the host of these instances stops at once. */
export function startInstance(database: string, overrides: Record<string, string> = {}, leaseMs = 30_000): IdentityInstance {
  const { signal, abort } = abortable()
  const settings = {
    ...settingsOf({ BRIDGE_ID: 'node-a', BANLIST_DB: database, IDENTITY_ENCRYPTION_KEY: ENCRYPTION_KEY, ...overrides }),
    instance_id: overrides.INSTANCE_ID ?? `instance-${Math.random().toString(36).slice(2)}`,
    identity_lease: leaseMs,
  }
  const health = new Health({ clock: SYSTEM_CLOCK })
  const registry = new Registry()
  let stoppedAt: number | undefined
  let fatal: Error | undefined
  const host = {
    stop: async () => {
      stoppedAt ??= performance.now()
    },
  }
  const taken = takeOwnIdentity(settings, { log: silent, health, registry, signal, fatal: (error) => (fatal = error) }).then((own) => {
    own.guard(host)
    return own
  })
  taken.catch(() => {}) // those who wait for it see it
  const part = () => health.report().parts.find(({ part }) => part === 'identity')
  const stop = async () => {
    abort()
    const own = await taken.catch(() => undefined)
    await host.stop()
    await own?.stop()
  }
  onEnd(stop)
  return {
    taken,
    peerId: taken.then(({ identity }) => identity.peerId).catch((error: Error) => error.message),
    said: () => part()?.reason ?? '',
    isReady: () => part()?.ready === true,
    metric: async (name) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value,
    hostStoppedAt: () => stoppedAt,
    fatal: () => fatal,
    stop,
    giveUp: abort,
  }
}

function abortable() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort(new Error('given up')) }
}
