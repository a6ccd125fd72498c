import type { FeedHistory, HistoryReader } from '../feed/feed-item.ts'
import type { ReplaySlots } from './replay-slots.ts'

export interface SlottedHistoryOptions {
  /** The unit of counting of the client's address. */
  readonly network: string
  /** Aborted when the replay ends. */
  readonly signal: AbortSignal
}

export interface SlottedHistoryDeps {
  readonly history: FeedHistory
  readonly slots: ReplaySlots
  /** Gives each read a deadline. */
  bounded<T>(read: () => Promise<T>): Promise<T>
}

/** The history for one replay: its first read takes a place, which `leave` gives back. */
export class SlottedHistory implements Pick<FeedHistory, 'open' | 'last' | 'between' | 'since'> {
  readonly #options: SlottedHistoryOptions
  readonly #deps: SlottedHistoryDeps
  #place: Promise<() => void> | undefined

  constructor(options: SlottedHistoryOptions, deps: SlottedHistoryDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Where the past of this replay came from: a label of the metric. */
  get source(): 'recent' | 'log' {
    return this.#place === undefined ? 'recent' : 'log'
  }

  open(isWanted: () => boolean): HistoryReader {
    const reader = this.#deps.history.open(isWanted)
    return {
      read: (from, before) => this.#read(() => reader.read(from, before)),
      readAt: (offsets) => this.#read(() => reader.readAt(offsets)),
    }
  }

  last(count: number, types: ReadonlySet<string>, before: bigint, isWanted: () => boolean): Promise<readonly bigint[]> {
    return this.#read(() => this.#deps.history.last(count, types, before, isWanted))
  }

  between(from: bigint, before: bigint, types: ReadonlySet<string>): readonly bigint[] | null {
    return this.#deps.history.between(from, before, types)
  }

  since(timeMs: number): Promise<{ from: bigint; isCut: boolean }> {
    return this.#read(() => this.#deps.history.since(timeMs))
  }

  /** Gives the place back. */
  leave(): void {
    this.#place?.then(
      (release) => release(),
      () => {}, // the replay did not get one
    )
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    this.#place ??= this.#deps.slots.enter(this.#options.network, this.#options.signal)
    await this.#place
    return this.#deps.bounded(read)
  }
}
