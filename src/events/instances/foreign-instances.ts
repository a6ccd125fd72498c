export interface ForeignInstancesOptions {
  /** How long an instance counts as alive after its last record, by our own clock. */
  readonly recordLifetimeMs: number
}

interface Foreign {
  readonly reason: string
  readonly at: number
}

/** Enough to report the fault: a topic with more instances is not the event log of one bridge anyway. */
const MAX_INSTANCES = 1000

/**
 * Instances of other bridges whose records are in our event log. Their lifetime is measured by our own clock, because the event log's
 * clock stops when the foreign instance has left and nobody else writes.
 */
export class ForeignInstances {
  readonly #options: ForeignInstancesOptions
  readonly #now: () => number
  readonly #known = new Map<string, Foreign>()

  constructor(options: ForeignInstancesOptions, { now }: { now: () => number }) {
    this.#options = options
    this.#now = now
  }

  /** Observes a record of an instance of another bridge, with the difference as text. */
  observe(instanceId: string, state: string, reason: string): void {
    this.#known.delete(instanceId)
    if (state !== 'gone' && this.#known.size < MAX_INSTANCES) this.#known.set(instanceId, { reason, at: this.#now() })
  }

  /** The difference that shows another bridge; undefined when no other bridge is alive in the event log. */
  reason(): string | undefined {
    const oldest = this.#now() - this.#options.recordLifetimeMs
    for (const [id, { at }] of this.#known) if (at < oldest) this.#known.delete(id)
    const [first] = this.#known.values()
    return first?.reason
  }

  /** The event log was created again. */
  restart(): void {
    this.#known.clear()
  }
}
