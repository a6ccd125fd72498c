import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Clock } from '../lifecycle/clock.ts'
import { RetryLaterError } from '../messages/errors.ts'
import { type Ban, type BanChange, type BanSubject, isLive } from './ban.ts'
import { type BanCommand, normaliseBanCommand } from './ban-command.ts'
import { parseBanKey } from './ban-key.ts'
import { BanMirror } from './ban-mirror.ts'
import { auditEvidence, type BanDoor, type BanOrigin } from './ban-origin.ts'
import { BanStatus } from './ban-status.ts'
import type { BanOutcome, BanStore } from './ports.ts'

export interface BansOptions {
  readonly bridgeId: string
  readonly defaultDurationMs: number
  readonly maxEntries: number
  /** How often expired bans are removed. They ban nobody before that either. */
  readonly sweepMs?: number
  /** How often changes are read without a notification. */
  readonly pollMs?: number
  /** See BanStatusOptions. */
  readonly caveat?: string
}

export interface BansMetrics {
  readonly entries: { set(value: number): void }
  readonly changes: { inc(labels: { action: BanChange['action'] }): void }
  readonly commands: { inc(labels: { door: BanDoor; outcome: CommandOutcome }): void }
  readonly storeUp: { set(value: number): void }
}

export interface BansDeps {
  readonly store: BanStore
  /** Reads the list from another source if the store is away at start. */
  readonly fallback?: (() => Promise<readonly Ban[]>) | undefined
  readonly log: Logger
  readonly metrics: BansMetrics
  readonly health: { ready(detail?: string): void; notReady(reason: string): void }
  readonly clock: Pick<Clock, 'steady'>
  /**
   * The event log's time, in milliseconds since the epoch: bans end by it where the store has no clock, or has never answered. Our own
   * wall clock may be wrong.
   */
  readonly eventLogNow: () => number
}

/** What became of a command. `refused`: invalid, or over the quota of its door; `waiting`: the store is away. */
export type CommandOutcome = 'changed' | 'unchanged' | 'repeated' | 'refused' | 'waiting'

/** The bans of this bridge: reads come from memory, changes go through the store. */
export interface Bans {
  /**
   * Resolves when the list was read once; no peer may be admitted before. Retries for ever. Rejects if stopped meanwhile, or if the
   * store can never be used as it is set up.
   */
  start(): Promise<void>
  isBanned(subject: BanSubject): boolean
  /** The ban that bars the subject, if any. */
  find(subject: BanSubject): Ban | undefined
  /**
   * THE place that changes bans: every door comes here. When it resolves, the change is durable, has its audit line (door, who,
   * evidence) and is enforced here. Other instances enforce it when they are notified. Throws BadInputError for an invalid command,
   * RetryLaterError while the store is away.
   */
  apply(command: BanCommand, origin: BanOrigin): Promise<BanOutcome>
  /** The store's time, by which bans end, in milliseconds since the epoch. */
  now(): number
  /** The bans in force now. */
  list(): Ban[]
  /** The ban that covers the whole of an address, CIDR or peer id, if any. Throws BadInputError if the text is none of them. */
  check(text: string): Ban | undefined
  /** Calls the listener after each change, with an empty array after the whole list was read again. Returns the unsubscribe function. */
  onChange(listener: (changes: readonly BanChange[]) => void): () => void
  stop(): Promise<void>
}

const DEFAULT_SWEEP_MS = 30_000
/** So that a ban is enforced within two seconds also where a notification was lost. */
const DEFAULT_POLL_MS = 1500

export function createBans(options: BansOptions, deps: BansDeps): Bans {
  const { store, log, metrics, clock } = deps
  const listeners = new Set<(changes: readonly BanChange[]) => void>()
  const status = new BanStatus(options, deps)
  const timers: NodeJS.Timeout[] = []

  const mirror = new BanMirror(options, {
    store,
    log,
    clock,
    fallbackNow: deps.eventLogNow,
    fallback: deps.fallback,
    onState: (state) => status.read(state),
    onChanged: (changes) => {
      metrics.entries.set(mirror.list.size)
      for (const { action, changed } of changes) if (changed) metrics.changes.inc({ action })
      tell(listeners, changes, log)
    },
  })

  let isSweeping = false

  /** Also the proof that the store takes changes: it is repeated soon after a change has failed. */
  async function sweep(): Promise<void> {
    if (isSweeping) return
    isSweeping = true
    try {
      mirror.learnTime(await store.sweep())
      status.wrote(undefined)
    } catch (error) {
      status.wrote(toError(error)) // the next sweep catches up
    }
    isSweeping = false
    mirror.follow()
  }

  function poll(): void {
    if (status.isWriteFailing) void sweep()
    else mirror.follow()
    status.refresh()
  }

  async function give(command: BanCommand, origin: BanOrigin): Promise<BanOutcome> {
    const { door, cause = `${door}:${randomUUID()}`, givenAt = Math.round(mirror.now()) } = origin
    const request = normaliseBanCommand(command, { defaultDurationMs: options.defaultDurationMs, givenAt })
    try {
      const outcome = await store.change(request, { cause, evidence: auditEvidence(origin), quota: origin.quota })
      status.wrote(undefined)
      return outcome
    } catch (error) {
      if (error instanceof Error && 'isPermanent' in error && error.isPermanent === true) throw error
      status.wrote(toError(error))
      throw new RetryLaterError(`the ban list cannot be changed now, it stays as it is: ${toError(error).message}`, { cause: error })
    }
  }

  return {
    async start() {
      await mirror.start()
      const { sweepMs = DEFAULT_SWEEP_MS, pollMs = DEFAULT_POLL_MS } = options
      timers.push(
        setInterval(() => void sweep(), sweepMs),
        setInterval(poll, pollMs),
      )
    },
    isBanned: (subject) => mirror.list.find(subject, mirror.now()) !== undefined,
    find: (subject) => mirror.list.find(subject, mirror.now()),
    async apply(command, origin) {
      const { door, who } = origin
      const count = (outcome: CommandOutcome) => metrics.commands.inc({ door, outcome })
      try {
        const outcome = await give(command, origin)
        mirror.take(outcome.changes)
        count(outcomeWord(outcome))
        log.debug({ door, who, ...outcome.change, isRepeated: outcome.isRepeated }, 'ban command applied')
        return outcome
      } catch (error) {
        count(error instanceof RetryLaterError ? 'waiting' : 'refused')
        throw error
      }
    },
    now: () => mirror.now(),
    list: () => [...mirror.list.values()].filter((ban) => isLive(ban, mirror.now())),
    check: (text) => mirror.list.covering(parseBanKey(text), mirror.now()),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await mirror.stop()
    },
  }
}

function outcomeWord({ isOverQuota, isRepeated, change }: BanOutcome): CommandOutcome {
  if (isOverQuota) return 'refused'
  if (isRepeated) return 'repeated'
  return change.changed ? 'changed' : 'unchanged'
}

/** A listener that fails must not keep the change from the other listeners. */
function tell(listeners: Iterable<(changes: readonly BanChange[]) => void>, changes: readonly BanChange[], log: Logger): void {
  for (const listener of listeners) {
    try {
      listener(changes)
    } catch (error) {
      log.error({ err: error }, 'a listener for changes of the ban list failed')
    }
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
