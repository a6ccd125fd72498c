import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Settings } from '../config/settings.ts'
import type { InstanceState, LogEvent } from '../events/event.ts'
import { ForeignInstances } from '../events/instances/foreign-instances.ts'
import { SIBLING_RECORD_LIFETIME_MS } from '../events/instances/siblings.ts'
import type { Health } from '../lifecycle/health.ts'

const LOOK_EACH_MS = 500
const BY_THE_WAY = 'its announcements are left out here as far as they are of another network'

export interface LogOwnerDeps {
  readonly log: Logger
  readonly health: Health
}

/** Whose log it is that this bridge reads: its own, unless instances of another bridge live in it. */
export interface LogOwner {
  /** An event that this bridge wrote itself, by one of its instances. */
  isOurs(event: LogEvent): boolean
  /** An instance of the own bridge has a record there. */
  ownFound(): void
  foreignFound(instance: InstanceState, reason: string): void
  /** The log was made anew. */
  restart(): void
  /** Resolves when this bridge may write: at once, unless only others live in the log. Rejects when the signal aborts. */
  untilOurs(signal: AbortSignal): Promise<void>
  stop(): void
}

/**
 * Says that the log belongs to another bridge, for as long as it does. A bridge that comes to a log in which only others live writes
 * nothing: most likely its settings are wrong, and the rightful one would be told that its log is not its own.
 */
export function createLogOwner(settings: Settings, { log, health }: LogOwnerDeps): LogOwner {
  const part = health.part('log owner')
  part.ready()
  const foreign = new ForeignInstances({ recordLifetimeMs: SIBLING_RECORD_LIFETIME_MS }, { now: () => performance.now() })
  let hasOwn = false
  let said: string | undefined
  let timer: NodeJS.Timeout | undefined

  function look(): void {
    const reason = foreign.reason()
    if (reason !== undefined && said === undefined) log.error({ topic: settings.kafka_topic_events }, reason)
    if (reason !== undefined && reason !== said) part.notReady(`${reason}; ${BY_THE_WAY}`)
    if (reason === undefined && said !== undefined) part.ready()
    said = reason
    if (reason === undefined) {
      clearInterval(timer)
      timer = undefined
    } else timer ??= setInterval(look, LOOK_EACH_MS)
  }

  return {
    isOurs: ({ bridgeId, network }) => bridgeId === settings.bridge_id && network === settings.network,
    ownFound() {
      hasOwn = true
    },
    foreignFound(instance, reason) {
      foreign.observe(instance.instanceId, instance.state, reason)
      look()
    },
    restart() {
      foreign.restart()
      look()
    },
    async untilOurs(signal) {
      while (!hasOwn && foreign.reason() !== undefined) await delay(LOOK_EACH_MS, undefined, { signal })
    },
    stop: () => clearInterval(timer),
  }
}
