import { kindOf } from '../../messages/announcement.ts'
import { eventContent } from '../entries/event-kinds.ts'
import { isState, type StateOrder } from '../entries/occurrence.ts'
import type { LogEvent } from '../event.ts'

export interface LatestStatesOptions {
  /** How long a state is valid after its event, in the event log's time: an announcement that repeats it later is a new event. */
  readonly windowMs: number
  /** Upper bound on the sources and kinds whose state is remembered; the least recently used is dropped first. */
  readonly maxStates: number
}

interface Said {
  /** The announced state, as its kind tells it. */
  readonly state: string
  readonly order: StateOrder
  /** By the event log's time. */
  readonly at: number
}

/** An announcement that was left out because it repeated the latest state. */
export interface Repeat extends Said {
  readonly event: LogEvent
}

interface Known {
  /** The state of the source's last event in the event log. */
  logged?: Said
  /** The latest of its states in the event log by their order: another one than `logged` when the last event is late. */
  latest?: Said
  /** All states of the source in the event log, and the time of the latest event of each; the oldest event first. */
  readonly states: Map<string, number>
  /** The latest announcement that this instance has received or read, by its order. */
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

/** The effect of an entry of the event log on announcements that this instance has received. */
export interface StateChange {
  /** Ids of pending announcements that are older than the entry, repeat a state of the event log and must not be written any more. */
  readonly outdated: readonly string[]
  /** A former repeat that is an event now, because the entry is older and came after the repeated state. */
  readonly revived: Repeat | undefined
}

const NO_CHANGE: StateChange = { outdated: [], revived: undefined }

/** Upper bound on the states that are remembered for each source and kind. */
const MAX_STATES_OF_SOURCE = 64

/**
 * The states of all sources, for kinds that are a state (the block that a node mines on): each change of the state is an event, and a
 * repetition of the latest state is not. This is decided before the write, because readers know only ids.
 *
 * Siblings receive the same announcements, but not at the same time, and each can be killed. So a repeat that one of them leaves out
 * must not be missed later. A repeat that is older than the source's latest announcement is left out too; otherwise it would bring an
 * earlier state back. A repeat turns into an event when an older state reaches the event log after it. In doubt an announcement is new:
 * that costs one more event. Each state reaches the event log, however late: the delivery contract leaves out repeats only. The order in
 * its headers tells readers that it is late.
 */
export class LatestStates {
  readonly #options: LatestStatesOptions
  /** By kind and source, least recently used first. */
  readonly #known = new Map<string, Known>()
  readonly #keyOfPending = new Map<string, string>()
  readonly #now: () => number

  constructor(options: LatestStatesOptions, { now }: LatestStatesDeps) {
    this.#options = options
    this.#now = now
  }

  /** Whether an announcement has to be written (`new`) or is left out. A new one is pending from now on. */
  take(event: LogEvent, order: StateOrder): 'new' | 'repeated' | 'outdated' {
    const state = stateOf(event)
    if (state === undefined) return 'new'
    const key = keyOf(event)
    const known = this.#touch(key)
    const said = { state, order, at: this.#now() }
    if (known.pending.has(event.id)) return 'new' // a record that is delivered again while its event is being written
    const isLate = this.#isBefore(said, known.latest) || this.#isBefore(said, known.heard)
    if (isLate && this.#isKnown(state, known)) return 'outdated'
    if (isLate) return this.#pend(event.id, said, key, known)
    if (order !== undefined) known.heard = said
    if (this.#isRepeat(state, known)) {
      known.repeat = { ...said, event }
      return 'repeated'
    }
    return this.#pend(event.id, said, key, known)
  }

  /** Observes the next first occurrence of the event log, in order. `timestamp` is the broker's. */
  observe(event: LogEvent, order: StateOrder, timestamp: number): StateChange {
    const state = stateOf(event)
    if (state === undefined) return NO_CHANGE
    const known = this.#touch(keyOf(event))
    // A record with a producer's timestamp in the future is valid no longer than others.
    const said = { state, order, at: Math.min(timestamp, this.#now()) }
    const { repeat, pending } = known
    known.logged = said
    if (!this.#isBefore(said, known.latest)) known.latest = said
    remember(state, said.at, known)
    const outdated: string[] = []
    for (const [id, other] of pending) if (this.#isBefore(other, said) && this.#isInLog(other.state, known)) outdated.push(id)
    const isOlder = this.#isBefore(said, repeat)
    if (!isOlder) delete known.repeat
    if (!isOlder || repeat?.state === state) return { outdated, revived: undefined }
    delete known.repeat
    return { outdated, revived: repeat }
  }

  /** The turn depends on the source, so that one instance writes the states of a source in order. */
  turnKeyOf(id: string): string {
    return this.#keyOfPending.get(id) ?? id
  }

  /** The event is in the event log, or will never be. */
  settled(id: string): void {
    const key = this.#keyOfPending.get(id)
    if (key === undefined) return
    this.#keyOfPending.delete(id)
    this.#known.get(key)?.pending.delete(id)
  }

  /** The event log was created again, or lost its end: it no longer contains the latest states. */
  restart(): void {
    for (const known of this.#known.values()) {
      delete known.logged
      delete known.latest
      known.states.clear()
    }
  }

  #pend(id: string, said: Said, key: string, { pending }: Known): 'new' {
    pending.set(id, said)
    this.#keyOfPending.set(id, key)
    return 'new'
  }

  /** Whether the event log has the state, or will have it. */
  #isKnown(state: string, known: Known): boolean {
    if (this.#isInLog(state, known)) return true
    for (const other of known.pending.values()) if (other.state === state) return true
    return false
  }

  #isInLog(state: string, { states }: Known): boolean {
    const at = states.get(state)
    return at !== undefined && this.#now() - at <= this.#options.windowMs
  }

  /**
   * While several states of one source are pending, their order in the event log is open, and nothing repeats them. Behind a late event
   * nothing is a repeat either, so that the event log ends on the latest state.
   */
  #isRepeat(state: string, { pending, logged, latest }: Known): boolean {
    if (pending.size === 0) return logged?.state === state && latest?.state === state && this.#counts(logged)
    for (const other of pending.values()) if (other.state !== state) return false
    return true
  }

  /** Whether the source announced it before the other one. */
  #isBefore({ order }: Said, other: Said | undefined): boolean {
    if (order === undefined || other?.order === undefined || !this.#counts(other)) return false
    return order < other.order
  }

  #counts({ at }: Said): boolean {
    return this.#now() - at <= this.#options.windowMs
  }

  #touch(key: string): Known {
    const known: Known = this.#known.get(key) ?? { states: new Map<string, number>(), pending: new Map<string, Said>() }
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

function remember(state: string, at: number, { states }: Known): void {
  states.delete(state)
  states.set(state, at)
  for (const oldest of states.keys()) {
    if (states.size <= MAX_STATES_OF_SOURCE) break
    states.delete(oldest)
  }
}

/** Undefined for an event that does not announce a state. */
function stateOf(event: LogEvent): string | undefined {
  return isState(event.type) ? kindOf(event.type).stateOf?.(eventContent(event)) : undefined
}

function keyOf({ type, peerId, bridgeId }: LogEvent): string {
  return `${type}\0${peerId ?? bridgeId}`
}
