import type { InstanceState } from '../event.ts'

export interface SiblingsOptions {
  readonly instanceId: string
  /** How long an instance counts as alive after its last record, in event log time. */
  readonly recordLifetimeMs: number
}

/** A live instance, from its last record. */
export interface LiveInstance {
  readonly instanceId: string
  readonly peerId: string | null
  readonly version: string
  /** The broker's time of its last record, in milliseconds since the epoch. */
  readonly heardAt: number
}

interface Known {
  readonly instanceId: string
  readonly peerId: string | null
  readonly version: string
  readonly isLive: boolean
  readonly timestamp: number
}

/**
 * The instances of the own bridge, from their records in the event log: which of them are alive, and which peer ids are ours. Time is
 * the event log's, so all readers see the same at the same offset; the own record each minute advances it.
 */
export class Siblings {
  readonly #options: SiblingsOptions
  /** By process: two processes with one instance id, a fault of the settings, have two peer ids, and both are ours. */
  readonly #known = new Map<string, Known>()
  #time = Number.NEGATIVE_INFINITY

  constructor(options: SiblingsOptions) {
    this.#options = options
  }

  /** Observes the next instance record, after `advance` with its timestamp. */
  observe({ instanceId, startId, peerId, version, state }: InstanceState): void {
    const process = `${instanceId} ${startId ?? ''}`
    this.#known.delete(process)
    for (const [id, known] of this.#known) {
      if (this.#isExpired(known)) this.#known.delete(id)
      // Most likely it was started again. If both live, each writes a record at once, and every minute.
      else if (known.instanceId === instanceId && known.isLive) this.#known.set(id, { ...known, isLive: false })
    }
    this.#known.set(process, { instanceId, peerId, version, isLive: state === 'live', timestamp: this.#time })
  }

  /** The broker's timestamp of each event advances the time, whatever the type. */
  advance(timestamp: number): void {
    if (timestamp > this.#time) this.#time = timestamp
  }

  /** The ids of the live instances, sorted; the own id is always included. */
  live(): string[] {
    const ids = new Set([this.#options.instanceId])
    for (const known of this.#known.values()) if (known.isLive && !this.#isExpired(known)) ids.add(known.instanceId)
    return [...ids].sort()
  }

  /** The live instances with a record, by their ids. */
  instances(): LiveInstance[] {
    const known = [...this.#known.values()]
      .filter((each) => each.isLive && !this.#isExpired(each))
      .sort((one, other) => (one.instanceId < other.instanceId ? -1 : 1))
    return known.map(({ instanceId, peerId, version, timestamp }) => ({ instanceId, peerId, version, heardAt: timestamp }))
  }

  /** The peer ids of the live instances. */
  livePeerIds(): string[] {
    const known = [...this.#known.values()]
    return known.flatMap((each) => (each.isLive && each.peerId !== null && !this.#isExpired(each) ? [each.peerId] : []))
  }

  /** Whether a peer id is our own or a sibling's. An instance that has just stopped counts too: its last messages are still under way. */
  isSibling(peerId: string): boolean {
    for (const known of this.#known.values()) if (known.peerId === peerId && !this.#isExpired(known)) return true
    return false
  }

  /** The peer id in the last record of an instance; null when it has none, or no record exists. */
  peerIdOf(instanceId: string): string | null {
    const [latest] = [...this.#known.values()].filter((known) => known.instanceId === instanceId).slice(-1)
    return latest?.peerId ?? null
  }

  #isExpired({ timestamp }: Known): boolean {
    return this.#time - timestamp > this.#options.recordLifetimeMs
  }
}
