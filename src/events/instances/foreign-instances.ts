export interface ForeignInstancesOptions {
  /** How long an instance counts after its last record, by our own clock. */
  readonly recordLifetimeMs: number
}

interface Foreign {
  readonly reason: string
  readonly at: number
}

/** Enough to say what is wrong: a topic with more instances is no event log of one bridge anyway. */
const MAX_INSTANCES = 1000

/**
 * Instances of other bridges whose records stand in our event log. Counted by our own clock rather than by the event log's, because
 * that one stands still when the stranger has left and nobody else writes.
 */
export class ForeignInstances {
  readonly #options: ForeignInstancesOptions
  readonly #now: () => number
  readonly #known = new Map<string, Foreign>()

  constructor(options: ForeignInstancesOptions, { now }: { now: () => number }) {
    this.#options = options
    this.#now = now
  }

  /** Takes in a record of an instance that belongs to another bridge, with the difference as text. */
  observe(instanceId: string, state: string, reason: string): void {
    this.#known.delete(instanceId)
    if (state !== 'gone' && this.#known.size < MAX_INSTANCES) this.#known.set(instanceId, { reason, at: this.#now() })
  }

  /** How the event log shows that it is another bridge's; undefined when no other bridge lives in it. */
  reason(): string | undefined {
    const oldest = this.#now() - this.#options.recordLifetimeMs
    for (const [id, { at }] of this.#known) if (at < oldest) this.#known.delete(id)
    const [first] = this.#known.values()
    return first?.reason
  }

  /** The event log was created anew. */
  restart(): void {
    this.#known.clear()
  }
}
