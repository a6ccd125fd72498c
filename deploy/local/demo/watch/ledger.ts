import { Tally, type TallyFigures } from './tally.ts'

/** Every arrow exists twice: once with each node at its end. */
export type NodeName = 'A' | 'B'
export type Kind = 'block' | 'subtree' | 'mining-on' | 'rejected-tx'
export type Arrow = 'gossip' | 'own' | 'validation' | 'browser' | 'teranode'

export const NODES: readonly NodeName[] = ['A', 'B']
export const ARROWS: readonly Arrow[] = ['gossip', 'validation', 'browser', 'teranode', 'own']

/** One path of one notification: from the in-topics of its node to one node's event log, and on from there. */
interface Journey {
  readonly from: NodeName
  readonly to: NodeName
  readonly kind: Kind
  readonly hash: string
  readonly begunAt: number
  readonly seen: Map<Station, { at: number; isTimed: boolean }>
}

type Station = 'produced' | 'log' | 'validation' | 'browser' | 'teranode'

export interface ArrowRow extends TallyFigures {
  readonly arrow: Arrow
  readonly to: NodeName
  readonly missing: number
}

export interface Missing {
  readonly from: NodeName
  readonly kind: Kind
  readonly hash: string
  /** The places where it should have arrived and did not. */
  readonly at: { readonly station: string; readonly node: NodeName }[]
}

/** How long a finished journey is kept, to tell a repeat from a new arrival: as long as the bridge's own window. */
const KEEP_MS = 10 * 60_000
const MAX_ORPHANS = 10_000

/**
 * Compares the records of the simulator with the arrivals. Both come in any order: a record can be seen before its line from
 * the simulator, and a browser can be faster than the reader of the event log.
 */
export class Ledger {
  readonly #journeys = new Map<string, Journey>()
  /** Journeys by the event ids of the event log; undefined for events that do not come from the simulator. */
  readonly #byEventId = new Map<string, { journey: Journey | undefined; at: number }>()
  readonly #orphans = new Map<string, { station: 'validation' | 'browser'; at: number }[]>()
  readonly #tallies = new Map<string, Tally>(NODES.flatMap((to) => ARROWS.map((arrow) => [`${arrow} ${to}`, new Tally()])))
  readonly #lost: Missing[] = []
  #produced = 0

  get produced(): number {
    return this.#produced
  }

  /** Called when a record of the simulator is acknowledged; `at` is when the producer got it. */
  produce(from: NodeName, kind: Kind, hash: string, at: number): void {
    this.#produced++
    for (const to of NODES) this.#see(this.#journey(from, to, kind, hash, at), 'produced', at)
  }

  /** Called for an event in the event log of `to`. `from` is undefined when the event does not come from a node's notification. */
  log(to: NodeName, event: { id: string; from: NodeName | undefined; kind: Kind; hash: string; at: number }): void {
    const key = `${to} ${event.id}`
    const journey = event.from && this.#journey(event.from, to, event.kind, event.hash, event.at)
    this.#byEventId.set(key, { journey, at: event.at })
    if (journey) this.#see(journey, 'log', event.at)
    const orphans = this.#orphans.get(key) ?? []
    this.#orphans.delete(key)
    for (const { station, at } of orphans) if (journey) this.#see(journey, station, at)
  }

  /** Called for an arrival with an event id from the event log of `to`. */
  follow(to: NodeName, station: 'validation' | 'browser', eventId: string, at: number): void {
    const key = `${to} ${eventId}`
    const known = this.#byEventId.get(key)
    if (known?.journey) this.#see(known.journey, station, at)
    if (known || this.#orphans.size >= MAX_ORPHANS) return
    this.#orphans.set(key, [...(this.#orphans.get(key) ?? []), { station, at }])
  }

  /** Called for an arrival at a client of Teranode's objects, which names the signer and no event. */
  teranode(to: NodeName, from: NodeName, kind: Kind, hash: string, at: number): void {
    this.#see(this.#journey(from, to, kind, hash, at), 'teranode', at)
  }

  /** Drops journeys that are too old to be repeated. Call it now and then; those with missing arrivals are still reported. */
  forget(now: number): void {
    for (const [key, journey] of this.#journeys) {
      if (journey.begunAt > now - KEEP_MS) break
      const missing = this.#missingOf(journey)
      if (missing) this.#lost.push(missing)
      this.#journeys.delete(key)
    }
    for (const [key, { at }] of this.#byEventId) {
      if (at > now - KEEP_MS) break
      this.#byEventId.delete(key)
    }
  }

  rows(now: number): ArrowRow[] {
    const missing = this.missing()
    const missed = (arrow: Arrow, to: NodeName) =>
      missing.reduce(
        (sum, { from, at }) => sum + at.filter(({ station, node }) => node === to && arrowOf(station, from, to) === arrow).length,
        0,
      )
    return NODES.flatMap((to) => ARROWS.map((arrow) => ({ arrow, to, ...this.#tally(arrow, to).figures(now), missing: missed(arrow, to) })))
  }

  /** All produced records that have not arrived everywhere yet. */
  missing(): Missing[] {
    return [...this.#lost, ...[...this.#journeys.values()].flatMap((journey) => this.#missingOf(journey) ?? [])]
  }

  #missingOf(journey: Journey): Missing | undefined {
    if (!journey.seen.has('produced')) return undefined
    const { from, to, kind, hash } = journey
    const at = stationsOf(journey).flatMap((station) => (journey.seen.has(station) ? [] : [{ station, node: to }]))
    return at.length > 0 ? { from, kind, hash, at } : undefined
  }

  #journey(from: NodeName, to: NodeName, kind: Kind, hash: string, now: number): Journey {
    const key = `${from} ${to} ${kind} ${hash}`
    const known = this.#journeys.get(key)
    if (known) return known
    const journey: Journey = { from, to, kind, hash, begunAt: now, seen: new Map() }
    this.#journeys.set(key, journey)
    return journey
  }

  #see(journey: Journey, station: Station, at: number): void {
    const arrow = arrowOf(station, journey.from, journey.to)
    if (journey.seen.has(station)) {
      if (arrow) this.#tally(arrow, journey.to).repeated()
      return
    }
    journey.seen.set(station, { at, isTimed: false })
    if (arrow) this.#tally(arrow, journey.to).arrived(at)
    this.#time(journey)
  }

  /** A latency is known once both ends of its arrow were seen, in any order. */
  #time(journey: Journey): void {
    for (const [station, end] of journey.seen) {
      const arrow = arrowOf(station, journey.from, journey.to)
      const begin = journey.seen.get(station === 'log' ? 'produced' : 'log')
      if (!arrow || !begin || end.isTimed) continue
      end.isTimed = true
      this.#tally(arrow, journey.to).took(end.at - begin.at)
    }
  }

  #tally(arrow: Arrow, to: NodeName): Tally {
    const tally = this.#tallies.get(`${arrow} ${to}`)
    if (!tally) throw new Error(`no arrow ${arrow} to node ${to} exists`)
    return tally
  }
}

function arrowOf(station: string, from: NodeName, to: NodeName): Arrow | undefined {
  if (station === 'log') return from === to ? 'own' : 'gossip'
  return ARROWS.find((arrow) => arrow === station)
}

/** The stations where a notification must arrive: own ones are not validated, and Teranode has no object for rejections. */
function stationsOf({ from, to, kind }: Journey): Station[] {
  const isForeign = from !== to
  const stations: Station[] = ['log', 'browser']
  if (isForeign && (kind === 'block' || kind === 'subtree')) stations.push('validation')
  if (isForeign && kind !== 'rejected-tx') stations.push('teranode')
  return stations
}
