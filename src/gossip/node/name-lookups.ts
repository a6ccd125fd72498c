import { unlessAborted } from '../../lifecycle/time.ts'

export interface NameLookupsDeps<Answer> {
  /** Asks the operating system. It cannot be cancelled, and takes long while DNS servers are silent. */
  readonly lookUp: (name: string, family: 0 | 4 | 6) => Promise<Answer>
}

interface Waiting<Answer> {
  /** Its turn has come. */
  readonly start: () => void
  readonly answer: Promise<Answer>
  askers: number
}

const MAX_FAILED = 1000

/**
 * Looks up names at the operating system, one after the other. Node.js has two threads for look-ups, which the connections to Kafka and
 * Postgres need too: while DNS servers are silent, the names of a few peers would use both for ever, and their queue would grow. A name
 * that failed the last time lets the others go first, and one for which nobody waits any more is not asked about.
 */
export class NameLookups<Answer> {
  readonly #lookUp: NameLookupsDeps<Answer>['lookUp']
  readonly #waiting = new Map<string, Waiting<Answer>>()
  readonly #failed = new Set<string>()
  #running: { readonly key: string; readonly answer: Promise<Answer> } | undefined

  constructor({ lookUp }: NameLookupsDeps<Answer>) {
    this.#lookUp = lookUp
  }

  /** Rejects when the name cannot be looked up, or with the signal's reason. `family` 0 is both. */
  async find(name: string, family: 0 | 4 | 6, signal: AbortSignal): Promise<Answer> {
    const key = `${family} ${name}`
    if (this.#running?.key === key) return unlessAborted(this.#running.answer, signal)
    const waiting = this.#waiting.get(key) ?? this.#enqueue(key, () => this.#lookUp(name, family))
    waiting.askers += 1
    void this.#next()
    try {
      return await unlessAborted(waiting.answer, signal)
    } finally {
      waiting.askers -= 1
      if (waiting.askers === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key)
    }
  }

  #enqueue(key: string, ask: () => Promise<Answer>): Waiting<Answer> {
    let start = () => {}
    const started = new Promise<void>((resolve) => {
      start = resolve
    })
    const answer = started.then(ask)
    answer.catch(() => {}) // those who wait get it
    const waiting = { start, answer, askers: 0 }
    this.#waiting.set(key, waiting)
    return waiting
  }

  async #next(): Promise<void> {
    if (this.#running) return
    const [key] = [...this.#waiting.keys()].sort((one, other) => Number(this.#failed.has(one)) - Number(this.#failed.has(other)))
    const waiting = key === undefined ? undefined : this.#waiting.get(key)
    if (key === undefined || !waiting) return
    this.#waiting.delete(key)
    this.#running = { key, answer: waiting.answer }
    waiting.start()
    await waiting.answer.then(
      () => this.#failed.delete(key),
      () => this.#hasFailed(key),
    )
    this.#running = undefined
    void this.#next()
  }

  #hasFailed(key: string): void {
    this.#failed.add(key)
    const [oldest] = this.#failed
    if (this.#failed.size > MAX_FAILED && oldest !== undefined) this.#failed.delete(oldest)
  }
}
