export interface ReplaySlotsOptions {
  /** Replays that may read the event log at the same time. Each keeps a little in memory, and a slow client keeps its place for long. */
  readonly slots: number
  /** The same for clients of one network address. */
  readonly slotsPerAddress: number
  /** Replays that may wait for a place. */
  readonly maxWaiting: number
  readonly maxWaitMs: number
}

/** Too many clients are reading history. The client may come again. */
export class HistoryBusyError extends Error {
  override readonly name = 'HistoryBusyError'
  readonly code = 'BRIDGE_HISTORY_BUSY'
}

interface Waiter {
  readonly network: string
  readonly enter: () => void
}

/** Places for replays that read the event log. A replay waits for one in order, for a bounded time. */
export class ReplaySlots {
  readonly #options: ReplaySlotsOptions
  readonly #perNetwork = new Map<string, number>()
  readonly #waiting = new Set<Waiter>()
  #taken = 0

  constructor(options: ReplaySlotsOptions) {
    this.#options = options
  }

  /** Resolves to the release of the place. Rejects with a HistoryBusyError, or with the signal's reason when the client has left. */
  async enter(network: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (!this.#hasRoom(network)) await this.#untilRoom(network, signal)
    else this.#take(network)
    let isReleased = false
    return () => {
      if (isReleased) return
      isReleased = true
      this.#release(network)
    }
  }

  #untilRoom(network: string, signal: AbortSignal): Promise<void> {
    const { maxWaiting, maxWaitMs } = this.#options
    if (this.#waiting.size >= maxWaiting) {
      throw new HistoryBusyError(`${maxWaiting} clients wait for history already; try again later`)
    }
    return new Promise<void>((resolve, reject) => {
      const end = () => {
        this.#waiting.delete(waiter)
        clearTimeout(timer)
        signal.removeEventListener('abort', left)
      }
      const left = () => {
        end()
        reject(signal.reason)
      }
      const waiter: Waiter = {
        network,
        enter: () => {
          end()
          this.#take(network)
          resolve()
        },
      }
      const timer = setTimeout(() => {
        end()
        reject(
          new HistoryBusyError(`too many clients read history: none of the places became free in ${maxWaitMs / 1000} s; try again later`),
        )
      }, maxWaitMs)
      signal.addEventListener('abort', left)
      this.#waiting.add(waiter)
    })
  }

  #hasRoom(network: string): boolean {
    const { slots, slotsPerAddress } = this.#options
    return this.#taken < slots && (this.#perNetwork.get(network) ?? 0) < slotsPerAddress
  }

  #take(network: string): void {
    this.#taken += 1
    this.#perNetwork.set(network, (this.#perNetwork.get(network) ?? 0) + 1)
  }

  #release(network: string): void {
    this.#taken -= 1
    const here = (this.#perNetwork.get(network) ?? 0) - 1
    if (here > 0) this.#perNetwork.set(network, here)
    else this.#perNetwork.delete(network)
    for (const waiter of this.#waiting) {
      if (this.#taken >= this.#options.slots) return
      if (this.#hasRoom(waiter.network)) waiter.enter()
    }
  }
}
