import type { Clock } from '../../lifecycle/clock.ts'
import { Listeners } from '../../lifecycle/listeners.ts'
import { hasOrder, type Occurrence, type StateOrder, stateOrder } from '../entries/occurrence.ts'
import type { LogEvent } from '../event.ts'
import type { EventLogView } from '../event-log-view.ts'
import type { EventEntry } from '../reading/read-events.ts'
import { LatestStates } from './latest-states.ts'

export interface StateFilterOptions {
  readonly windowMs: number
}

export interface StateFilterDeps {
  readonly view: Pick<EventLogView, 'subscribe' | 'onId' | 'now'>
  readonly clock: Pick<Clock, 'wall'>
}

const MAX_STATES = 10_000

/** An event with the order of its state, as it is written. */
export interface Taken {
  readonly outcome: 'new' | 'repeated' | 'outdated'
  readonly order: StateOrder
}

/** Keeps repeats of a state out of the event log, by the content of the event log: see latest-states.ts. Other kinds pass. */
export class StateFilter {
  readonly #states: LatestStates
  readonly #clock: Pick<Clock, 'wall'>
  readonly #outdated = new Listeners<string>()
  readonly #revived = new Listeners<{ event: LogEvent; order: StateOrder }>()

  constructor({ windowMs }: StateFilterOptions, { view, clock }: StateFilterDeps) {
    this.#states = new LatestStates({ windowMs, maxStates: MAX_STATES }, { now: () => view.now() })
    this.#clock = clock
    view.onId((id) => this.#states.settled(id))
    view.subscribe({
      onEntries: ({ entries }) => {
        for (const entry of entries) this.#observe(entry)
      },
      onGap: ({ reason }) => {
        if (reason === 'truncated' || reason === 'topic-made-anew') this.#states.restart()
      },
    })
  }

  /** Decides about an announcement. A new one is pending until the tail reads it, or `settled` is called. */
  take(event: LogEvent, occurrence: Occurrence): Taken {
    if (!hasOrder(event)) return PASSED
    const order = stateOrder(occurrence, this.#clock.wall())
    return { outcome: this.#states.take(event, order), order }
  }

  /** The event will not be written to the event log. */
  settled(id: string): void {
    this.#states.settled(id)
  }

  /** Announcements with the same key are written by the same instance. */
  turnKeyOf(id: string): string {
    return this.#states.turnKeyOf(id)
  }

  /** Calls the listener with the id of a pending event that a later state has overtaken; returns the undo. */
  onOutdated(listener: (id: string) => void): () => void {
    return this.#outdated.add(listener)
  }

  /** Calls the listener with an event that was left out as a repeat and must be written after all; returns the undo. */
  onRevived(listener: (revived: { event: LogEvent; order: StateOrder }) => void): () => void {
    return this.#revived.add(listener)
  }

  #observe({ event, timestamp, order }: EventEntry): void {
    const { outdated, revived } = this.#states.observe(event, order, timestamp)
    for (const id of outdated) {
      this.#states.settled(id)
      this.#outdated.emit(id)
    }
    if (revived && this.#states.take(revived.event, revived.order) === 'new') this.#revived.emit(revived)
  }
}

const PASSED: Taken = { outcome: 'new', order: undefined }
