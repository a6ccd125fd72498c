import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Clock } from '../lifecycle/clock.ts'
import { RetryLaterError } from '../messages/errors.ts'
import { type Ban, type BanChange, type BanSubject, isLive } from './ban.ts'
import { type BanCommand, normaliseBanCommand } from './ban-command.ts'
import { parseBanKey } from './ban-key.ts'
import { BanMirror, type BanMirrorState } from './ban-mirror.ts'
import { auditEvidence, type BanDoor, type BanOrigin } from './ban-origin.ts'
import type { BanOutcome, BanStore } from './ports.ts'

export interface BansOptions {
  readonly bridgeId: string
  readonly defaultDurationMs: number
  readonly maxEntries: number
  /** How often expired bans are removed. They ban nobody before that either. */
  readonly sweepMs?: number
  /** Shown in the health report while all is well, for a store with limits that an operator would not expect. */
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
  readonly clock: Clock
}

/** What became of a command. `refused`: invalid; `waiting`: the store is away. */
export type CommandOutcome = 'changed' | 'unchanged' | 'repeated' | 'refused' | 'waiting'

/** The bans of this bridge: reads come from memory, changes go through the store. */
export interface Bans {
  /** Resolves when the list was read once; no peer may be admitted before. Retries for ever. Rejects if stopped meanwhile. */
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
  /** The bans in force now. */
  list(): Ban[]
  /** The ban that covers the whole of an address, CIDR or peer id, if any. Throws BadInputError if the text is none of them. */
  check(text: string): Ban | undefined
  /** Calls the listener after each change, with an empty array after the whole list was read again. Returns the unsubscribe function. */
  onChange(listener: (changes: readonly BanChange[]) => void): () => void
  stop(): Promise<void>
}

const DEFAULT_SWEEP_MS = 30_000

export function createBans(options: BansOptions, deps: BansDeps): Bans {
  const { store, log, metrics, clock } = deps
  const listeners = new Set<(changes: readonly BanChange[]) => void>()
  let timer: NodeJS.Timeout | undefined

  const mirror = new BanMirror(options, {
    store,
    log,
    clock,
    fallback: deps.fallback,
    onState: (state) => report(state, options, deps),
    onChanged: (changes) => {
      metrics.entries.set(mirror.list.size)
      for (const { action, changed } of changes) if (changed) metrics.changes.inc({ action })
      tell(listeners, changes, log)
    },
  })

  async function sweep(): Promise<void> {
    try {
      mirror.learnTime(await store.sweep())
    } catch (error) {
      log.debug({ err: error }, 'ban list not swept') // the next sweep catches up, and the mirror reports that the store is away
    }
    mirror.follow()
  }

  function give(command: BanCommand, origin: BanOrigin): Promise<BanOutcome> {
    const { door, cause = `${door}:${randomUUID()}`, givenAt = mirror.now() } = origin
    const request = normaliseBanCommand(command, { defaultDurationMs: options.defaultDurationMs, givenAt })
    return change(store, request, { cause, evidence: auditEvidence(origin) })
  }

  return {
    async start() {
      await mirror.start()
      timer = setInterval(() => void sweep(), options.sweepMs ?? DEFAULT_SWEEP_MS)
    },
    isBanned: (subject) => mirror.list.find(subject, mirror.now()) !== undefined,
    find: (subject) => mirror.list.find(subject, mirror.now()),
    async apply(command, origin) {
      const { door, who } = origin
      const count = (outcome: CommandOutcome) => metrics.commands.inc({ door, outcome })
      try {
        const outcome = await give(command, origin)
        mirror.take(outcome.changes)
        count(outcome.isRepeated ? 'repeated' : outcome.change.changed ? 'changed' : 'unchanged')
        log.debug({ door, who, ...outcome.change, isRepeated: outcome.isRepeated }, 'ban command applied')
        return outcome
      } catch (error) {
        count(error instanceof RetryLaterError ? 'waiting' : 'refused')
        throw error
      }
    },
    list: () => [...mirror.list.values()].filter((ban) => isLive(ban, mirror.now())),
    check: (text) => mirror.list.covering(parseBanKey(text), mirror.now()),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async stop() {
      clearInterval(timer)
      await mirror.stop()
    },
  }
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

async function change(store: BanStore, ...[request, source]: Parameters<BanStore['change']>): Promise<BanOutcome> {
  try {
    return await store.change(request, source)
  } catch (error) {
    if (error instanceof Error && 'isPermanent' in error && error.isPermanent === true) throw error
    const detail = error instanceof Error ? error.message : String(error)
    throw new RetryLaterError(`the ban list cannot be changed now, it stays as it is: ${detail}`, { cause: error })
  }
}

function report(state: BanMirrorState, { bridgeId, caveat }: BansOptions, { store, health, metrics, log }: BansDeps): void {
  metrics.storeUp.set(state.kind === 'level' ? 1 : 0)
  if (state.kind === 'level') {
    health.ready(caveat)
    log.debug({ bridgeId }, 'ban list is level with its store')
    return
  }
  const { text, isReady } = AWAY[state.kind]
  const sentence = `${store.awayWords} (${state.error.message}): ${text}`
  if (isReady) health.ready(sentence)
  else health.notReady(sentence)
  if (state.isNew) log.warn({ bridgeId, err: state.error }, `${store.awayWords}, ${text}`)
}

/** The last known bans stay in force, so only a bridge that never had a list must refuse all peers. */
const AWAY = {
  'away-with': { isReady: true, text: 'bans stay as they are and commands wait' },
  'away-without': { isReady: false, text: 'no peer is let in before the list was read once' },
  fallback: { isReady: true, text: 'bans are those last published and commands wait' },
} as const
