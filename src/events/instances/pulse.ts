/** Where an instance record passes: acknowledged by the log, read back, behind the commit for validation, at a WebSocket client. */
export type PulseStation = 'log' | 'tail' | 'derived' | 'websocket'

export interface PulseDeps {
  /** A clock that nobody sets, in milliseconds: ages must not jump with the wall clock. */
  readonly now: () => number
}

interface Beat {
  readonly at: number
  offset: bigint | undefined
}

/** One a minute: these reach back further than anybody waits for one. */
const MAX_BEATS = 120

/**
 * The bridge's own pulse: how old the youngest instance record is that has passed each station. A station at which none has
 * passed is as old as the watch over it. All by the own clock, from the moment at which the record was made, so that clocks that are
 * apart look like no trouble, and a reader that is ten minutes behind does.
 */
export class Pulse {
  readonly #now: () => number
  readonly #beats = new Map<string, Beat>()
  readonly #stations = new Map<PulseStation, number>()
  /** How far validation has got, where this instance sees to that. */
  #committed = 0n

  constructor({ now }: PulseDeps) {
    this.#now = now
  }

  /** A record is made, or, where none are made, first seen. */
  began(id: string): void {
    if (this.#beats.has(id)) return
    this.#beats.set(id, { at: this.#now(), offset: undefined })
    for (const oldest of this.#beats.keys()) {
      if (this.#beats.size <= MAX_BEATS) break
      this.#beats.delete(oldest)
    }
  }

  /** From now on the station has an age; one that is watched already keeps what passed. */
  watch(station: PulseStation): void {
    if (!this.#stations.has(station)) this.#stations.set(station, this.#now())
  }

  unwatch(station: PulseStation): void {
    this.#stations.delete(station)
  }

  /** Ids that are not of this pulse change nothing. */
  passed(station: PulseStation, id: string): void {
    const beat = this.#beats.get(id)
    const before = this.#stations.get(station)
    if (beat && before !== undefined && beat.at > before) this.#stations.set(station, beat.at)
  }

  /** The record came by in the own tail, at that offset. */
  cameBy(id: string, offset: bigint): void {
    const beat = this.#beats.get(id)
    if (!beat) return
    beat.offset = offset
    this.passed('tail', id)
    if (offset < this.#committed) this.passed('derived', id)
  }

  /** Validation has everything before that offset. */
  committed(next: bigint): void {
    this.#committed = next
    for (const [id, { offset }] of this.#beats) if (offset !== undefined && offset < next) this.passed('derived', id)
  }

  /** The log was made anew: where records stood says nothing any more. */
  restart(): void {
    this.#committed = 0n
    for (const beat of this.#beats.values()) beat.offset = undefined
  }

  /** Age at each station that is watched, in milliseconds. */
  ages(): [station: PulseStation, ageMs: number][] {
    const now = this.#now()
    return [...this.#stations].map(([station, at]) => [station, now - at])
  }
}

/** Records come each minute, so beyond this one is missing: siblings forget an instance by then. */
const LATE_MS = 150_000

/** For people: `log 12 s, tail 12 s, websocket 312 s (late)`. */
export function pulseSentence(ages: readonly [station: PulseStation, ageMs: number][]): string {
  if (ages.length === 0) return 'no instance record yet'
  return ages.map(([station, ageMs]) => `${station} ${Math.round(ageMs / 1000)} s${ageMs > LATE_MS ? ' (late)' : ''}`).join(', ')
}
