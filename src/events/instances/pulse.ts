import type { Clock } from '../../lifecycle/clock.ts'
import type { Membership } from '../ports.ts'
import type { EventLogSubscriber } from '../reading/subscribers.ts'
import { INSTANCE_RECORD_LIFETIME_MS } from '../timings.ts'

/** The stations of an instance record: acknowledged, read in the own tail, committed for validation, received by a WebSocket client. */
export type PulseStation = 'event-log' | 'tail' | 'validation' | 'websocket'

export interface PulseOptions {
  readonly bridgeId: string
  /** Whether this process writes instance records. One that does not measures the pulse by its siblings' records. */
  readonly hasOwnRecords: boolean
}

export interface PulseDeps {
  readonly clock: Pick<Clock, 'steady'>
}

interface Beat {
  readonly at: number
  offset: bigint | undefined
}

/** At one record a minute these cover two hours, longer than a record can be late. */
const MAX_BEATS = 120

/**
 * The bridge's own pulse: the age of the youngest instance record that has passed each station. While no record has passed a station,
 * its age counts from when the watch began. All ages are by our own steady clock, from the creation of the record. So different clocks
 * do not look like trouble, and a reader that is ten minutes behind does.
 */
export class Pulse {
  readonly #options: PulseOptions
  readonly #clock: Pick<Clock, 'steady'>
  readonly #beats = new Map<string, Beat>()
  readonly #stations = new Map<PulseStation, number>()
  /** Validation has all records before this offset, where this instance is the primary. */
  #committed = 0n

  constructor(options: PulseOptions, { clock }: PulseDeps) {
    this.#options = options
    this.#clock = clock
  }

  /** Follows the event log from now on; returns the undo. */
  follow(eventLog: { subscribe(subscriber: EventLogSubscriber): () => void }): () => void {
    return eventLog.subscribe({
      onEntries: ({ entries, isReadBack }) => {
        if (isReadBack) return
        for (const { event, offset } of entries) {
          if (event.type !== 'instance' || event.bridgeId !== this.#options.bridgeId) continue
          if (!this.#options.hasOwnRecords) this.began(event.id)
          this.cameBy(event.id, offset)
        }
      },
      onGap: ({ reason }) => {
        if (reason === 'topic-made-anew' || reason === 'truncated') this.restart()
      },
    })
  }

  /** Watches validation, where and while this instance is the primary; returns the undo. */
  followValidation(
    follower: { onCommitted(listener: (next: bigint) => void): () => void },
    membership: Pick<Membership, 'isAssigned' | 'onAssignment'>,
  ): () => void {
    const undoCommitted = follower.onCommitted((next) => this.committed(next))
    const undoAssignment = membership.onAssignment(() => {
      if (membership.isAssigned()) this.watch('validation')
      else this.unwatch('validation')
    })
    return () => {
      undoCommitted()
      undoAssignment()
    }
  }

  /** A record was created, or was first seen where this process creates none. */
  began(id: string): void {
    if (this.#beats.has(id)) return
    this.#beats.set(id, { at: this.#clock.steady(), offset: undefined })
    for (const oldest of this.#beats.keys()) {
      if (this.#beats.size <= MAX_BEATS) break
      this.#beats.delete(oldest)
    }
  }

  /** The station has an age from now on. A station that is watched already keeps its age. */
  watch(station: PulseStation): void {
    if (!this.#stations.has(station)) this.#stations.set(station, this.#clock.steady())
  }

  unwatch(station: PulseStation): void {
    this.#stations.delete(station)
  }

  /** The record has passed the station. Other ids are ignored. */
  passed(station: PulseStation, id: string): void {
    const beat = this.#beats.get(id)
    const before = this.#stations.get(station)
    if (beat && before !== undefined && beat.at > before) this.#stations.set(station, beat.at)
  }

  /** The own tail has read the record at this offset. */
  cameBy(id: string, offset: bigint): void {
    const beat = this.#beats.get(id)
    if (!beat) return
    beat.offset = offset
    this.passed('tail', id)
    if (offset < this.#committed) this.passed('validation', id)
  }

  /** Validation has all records before the offset. */
  committed(next: bigint): void {
    this.#committed = next
    for (const [id, { offset }] of this.#beats) if (offset !== undefined && offset < next) this.passed('validation', id)
  }

  /** The event log was truncated or created again: earlier offsets are meaningless now. */
  restart(): void {
    this.#committed = 0n
    for (const beat of this.#beats.values()) beat.offset = undefined
  }

  /** The age at each watched station, in milliseconds. */
  ages(): [station: PulseStation, ageMs: number][] {
    const now = this.#clock.steady()
    return [...this.#stations].map(([station, at]) => [station, now - at])
  }
}

/** For people: `event-log 12 s, tail 12 s, websocket 312 s (late)`. Late: siblings have forgotten the instance by then. */
export function pulseSentence(ages: readonly [station: PulseStation, ageMs: number][]): string {
  if (ages.length === 0) return 'no instance record yet'
  return ages
    .map(([station, ageMs]) => `${station} ${Math.round(ageMs / 1000)} s${ageMs > INSTANCE_RECORD_LIFETIME_MS ? ' (late)' : ''}`)
    .join(', ')
}
