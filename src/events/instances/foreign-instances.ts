export interface ForeignInstancesOptions {
  /** How long an instance counts after its last record, by the own clock. Records come each minute. */
  readonly recordLifetimeMs: number
}

interface Foreign {
  readonly reason: string
  readonly at: number
}

/** Enough to say what is wrong; a topic that holds more is no log of one bridge anyway. */
const MAX_INSTANCES = 1000

/**
 * Instances of other bridges whose records stand in the own log. By the own clock rather than by the log's, because where the
 * stranger has gone and nobody else writes, the log's time stands still.
 */
export class ForeignInstances {
  readonly #options: ForeignInstancesOptions
  readonly #now: () => number
  readonly #known = new Map<string, Foreign>()

  constructor(options: ForeignInstancesOptions, { now }: { now: () => number }) {
    this.#options = options
    this.#now = now
  }

  /** A record of an instance that belongs to somebody else, and in which way. */
  observe(instanceId: string, state: string, reason: string): void {
    this.#known.delete(instanceId)
    if (state !== 'gone' && this.#known.size < MAX_INSTANCES) this.#known.set(instanceId, { reason, at: this.#now() })
  }

  /** Why the log is somebody else's; undefined when nobody else lives in it. */
  reason(): string | undefined {
    const oldest = this.#now() - this.#options.recordLifetimeMs
    for (const [id, { at }] of this.#known) if (at < oldest) this.#known.delete(id)
    const [first] = this.#known.values()
    return first?.reason
  }

  /** The log was made anew. */
  restart(): void {
    this.#known.clear()
  }
}
