import { kindOf } from '../../messages/announcement.ts'
import { eventContent } from '../entries/event-kinds.ts'
import { isState, type StateOrder } from '../entries/occurrence.ts'
import type { LogEvent } from '../event.ts'

export interface LatestStatesOptions {
  /** How long a state counts after its event, in the event log's time: an announcement that repeats it later is a new event. */
  readonly windowMs: number
  /** Upper bound on the sources and kinds whose state is remembered; the one that was touched longest ago goes first. */
  readonly maxStates: number
}

interface Said {
  /** The announced hash. */
  readonly state: string
  readonly order: StateOrder
  /** Event log's time. */
  readonly at: number
}

/** An announcement that was left out because it repeated the latest state. */
export interface Repeat extends Said {
  readonly event: LogEvent
}

interface Known {
  /** The state of the source's latest event in the event log. */
  logged?: Said
  /** The latest announcement that this instance has heard or read, by its order. */
  heard?: Said
  /** The latest announcement that was left out as a repeat. */
  repeat?: Repeat
  /** Announcements that are being written, by event id. */
  readonly pending: Map<string, Said>
}

export interface LatestStatesDeps {
  /** The event log's time, in milliseconds since the epoch. */
  readonly now: () => number
}

/** What an entry of the event log changes for announcements that this instance has heard. */
export interface StateChange {
  /** Ids of pending announcements that are older than the entry, so that they are not to be written any more. */
  readonly outdated: readonly string[]
  /** A repeat that is none any more, because the entry is older and came after the state that was repeated. */
  readonly revived: Repeat | undefined
}

const NO_CHANGE: StateChange = { outdated: [], revived: undefined }

/**
 * The states of all sources, for kinds that are a state (what a node mines on): each change of it is an event, and what only says once
 * more what the source said last is none. This decides so before anything is written, since readers know ids only.
 *
 * Siblings hear the same announcements, but not at the same time, and each can be killed. So what one of them leaves out as a repeat
 * must not be missed later: an announcement that is older than the source's latest is left out too (else a late repeat would bring an
 * earlier state back), and a repeat turns into an event when an older state reaches the event log after it. In doubt an announcement
 * is new: that costs one event more, and no state is lost.
 */
export class LatestStates {
  readonly #options: LatestStatesOptions
  /** By kind and source, in the order in which they were touched. */
  readonly #known = new Map<string, Known>()
  readonly #keyOfPending = new Map<string, string>()
  readonly #now: () => number

  constructor(options: LatestStatesOptions, { now }: LatestStatesDeps) {
    this.#options = options
    this.#now = now
  }

  /** Whether an announcement is to be written: `new`, or left out. What is new is pending from now on. */
  take(event: LogEvent, order: StateOrder): 'new' | 'repeated' | 'outdated' {
    const state = stateOf(event)
    if (state === undefined) return 'new'
    const key = keyOf(event)
    const known = this.#touch(key)
    const said = { state, order, at: this.#now() }
    if (known.pending.has(event.id)) return 'new' // a record that is delivered again while its event is being written
    if (this.#isBefore(said, known.logged) || this.#isBefore(said, known.heard)) return 'outdated'
    if (order !== undefined) known.heard = said
    if (this.#isRepeat(state, known)) {
      known.repeat = { ...said, event }
      return 'repeated'
    }
    known.pending.set(event.id, said)
    this.#keyOfPending.set(event.id, key)
    return 'new'
  }

  /** Takes in the next first occurrence of the event log, in its order. `timestamp` is the broker's. */
  observe(event: LogEvent, order: StateOrder, timestamp: number): StateChange {
    const state = stateOf(event)
    if (state === undefined) return NO_CHANGE
    const known = this.#touch(keyOf(event))
    // A record that its producer has stamped in the future lasts no longer than others.
    const said = { state, order, at: Math.min(timestamp, this.#now()) }
    const { repeat, pending } = known
    known.logged = said
    const outdated: string[] = []
    for (const [id, other] of pending) if (this.#isBefore(other, said)) outdated.push(id)
    const isOlder = this.#isBefore(said, repeat)
    if (!isOlder) delete known.repeat
    if (!isOlder || repeat?.state === state) return { outdated, revived: undefined }
    delete known.repeat
    return { outdated, revived: repeat }
  }

  /** Whose turn it is to write is decided by source, so that one instance writes the states of a source in order. */
  turnKeyOf(id: string): string {
    return this.#keyOfPending.get(id) ?? id
  }

  /** The event is in the event log, or will not get there. */
  settled(id: string): void {
    const key = this.#keyOfPending.get(id)
    if (key === undefined) return
    this.#keyOfPending.delete(id)
    this.#known.get(key)?.pending.delete(id)
  }

  /** The event log was created anew, or lost its end: the latest states are not in it any more. */
  restart(): void {
    for (const known of this.#known.values()) delete known.logged
  }

  /** While several states of one source are pending, their order in the event log is open, and nothing repeats them. */
  #isRepeat(state: string, { pending, logged }: Known): boolean {
    if (pending.size === 0) return logged?.state === state && this.#counts(logged)
    for (const other of pending.values()) if (other.state !== state) return false
    return true
  }

  /** Whether the source said it before the other one. */
  #isBefore({ order }: Said, other: Said | undefined): boolean {
    if (order === undefined || other?.order === undefined || !this.#counts(other)) return false
    return order < other.order
  }

  #counts({ at }: Said): boolean {
    return this.#now() - at <= this.#options.windowMs
  }

  #touch(key: string): Known {
    const known: Known = this.#known.get(key) ?? { pending: new Map<string, Said>() }
    this.#known.delete(key)
    this.#known.set(key, known)
    for (const [oldest, { pending }] of this.#known) {
      if (this.#known.size <= this.#options.maxStates) break
      for (const id of pending.keys()) this.#keyOfPending.delete(id)
      this.#known.delete(oldest)
    }
    return known
  }
}

/** Undefined for an event that is no announcement of a state. */
function stateOf(event: LogEvent): string | undefined {
  return isState(event.type) ? String(eventContent(event)[kindOf(event.type).hash]) : undefined
}

function keyOf({ type, peerId, bridgeId }: LogEvent): string {
  return `${type}\0${peerId ?? bridgeId}`
}
