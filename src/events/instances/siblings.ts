import type { InstanceState } from '../event.ts'

export interface SiblingsOptions {
  readonly instanceId: string
  /** How long an instance counts as alive after its last record, in log time. Records come each minute. */
  readonly recordLifetimeMs: number
}

export const SIBLING_RECORD_LIFETIME_MS = 150_000

interface Known {
  readonly peerId: string | null
  readonly isLive: boolean
  readonly timestamp: number
}

/**
 * The instances of the own bridge, from their records in the log: who lives, and which peer ids are ours. Time is the log's
 * own, so all readers see the same at the same offset; the own record each minute keeps it going.
 */
export class Siblings {
  readonly #options: SiblingsOptions
  readonly #known = new Map<string, Known>()
  #logTime = Number.NEGATIVE_INFINITY

  constructor(options: SiblingsOptions) {
    this.#options = options
  }

  /** Takes in the next instance record of the log; `timestamp` is the broker's. */
  observe({ instanceId, peerId, state }: InstanceState, timestamp: number): void {
    this.advance(timestamp)
    this.#known.set(instanceId, { peerId, isLive: state === 'live', timestamp: this.#logTime })
    for (const [id, known] of this.#known) {
      if (this.#isExpired(known)) this.#known.delete(id)
    }
  }

  /** Log time goes on with every record of the log, whatever it is. */
  advance(timestamp: number): void {
    if (timestamp > this.#logTime) this.#logTime = timestamp
  }

  /** Ids of the instances that live, sorted, the own one always among them. */
  live(): string[] {
    const ids = new Set([this.#options.instanceId])
    for (const [id, known] of this.#known) if (known.isLive && !this.#isExpired(known)) ids.add(id)
    return [...ids].sort()
  }

  /** Whether a peer id is the own one or a sibling's. One that has just gone counts too: its last messages are still under way. */
  isSibling(peerId: string): boolean {
    for (const known of this.#known.values()) if (known.peerId === peerId && !this.#isExpired(known)) return true
    return false
  }

  /** Peer ids of the instances, the own one among them once its record stands in the log. */
  peerIds(): string[] {
    const ids = [...this.#known.values()].filter((known) => !this.#isExpired(known)).map((known) => known.peerId)
    return [...new Set(ids.filter((id) => id !== null))].sort()
  }

  #isExpired({ timestamp }: Known): boolean {
    return this.#logTime - timestamp > this.#options.recordLifetimeMs
  }
}
