import type { PartHealth } from '../../lifecycle/health.ts'
import { createBackOff, repeat, sleep } from '../../lifecycle/time.ts'
import type { AdapterLease, BlockchainService } from '../ports.ts'
import { ChainMemory } from './chain-memory.ts'
import { ChainSession, type ChainSessionDeps } from './chain-session.ts'

export interface ChainFollowerOptions {
  /** How often the tip and the state are asked for: what the subscription lost is found by then. */
  readonly lookEachMs?: number
  readonly retryMs?: number
}

export interface ChainFollowerDeps extends Omit<ChainSessionDeps, 'remember'> {
  readonly chain: BlockchainService
  readonly lease: AdapterLease
  readonly health: PartHealth
  readonly onError: (error: unknown) => void
}

const LONGEST_RETRY_MS = 30_000
const LEASE_CHECK_MS = 500
const WAITING = 'another instance of the adapter follows the node'

/** Follows a node's chain while this instance has the lease, and subscribes again whenever the subscription ends. */
export class ChainFollower {
  readonly #options: Required<ChainFollowerOptions>
  readonly #deps: ChainFollowerDeps
  readonly #memory = new ChainMemory()
  readonly #stopped = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #isFollowing = false

  constructor({ lookEachMs = 10_000, retryMs = 1000 }: ChainFollowerOptions, deps: ChainFollowerDeps) {
    this.#options = { lookEachMs, retryMs }
    this.#deps = deps
  }

  start(): void {
    this.#running = this.#run()
  }

  /** True while this instance has a subscription on which the node has answered. */
  isFollowing(): boolean {
    return this.#isFollowing
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new Error('the adapter stops'))
    await this.#running
  }

  async #run(): Promise<void> {
    const { lease, health, onError } = this.#deps
    const { signal } = this.#stopped
    const backOff = createBackOff(this.#options.retryMs, LONGEST_RETRY_MS)
    while (!signal.aborted) {
      if (!lease.isHeld()) {
        health.ready(WAITING)
        await sleep(LEASE_CHECK_MS, signal)
        continue
      }
      try {
        await this.#session(() => backOff.reset())
      } catch (error) {
        if (signal.aborted || !lease.isHeld()) continue
        onError(error)
        health.notReady(`the node's blockchain service cannot be followed: ${error instanceof Error ? error.message : String(error)}`)
        await sleep(backOff.next(), signal)
      }
    }
  }

  /** One subscription. Ends by an error, also when the lease is lost. */
  async #session(onGood: () => void): Promise<void> {
    const over = new AbortController()
    const end = (reason: unknown) => over.abort(reason)
    // While the group changes around this instance, the subscription goes on: nobody repeats what it would miss.
    const undoLease = this.#deps.lease.onChange(() => {
      if (!this.#deps.lease.isHeld()) end(new Error('the lease is lost'))
    })
    const stop = () => end(this.#stopped.signal.reason)
    this.#stopped.signal.addEventListener('abort', stop)
    try {
      await this.#follow(over.signal, { onGood, end })
      throw over.signal.reason // the first thing that went wrong
    } finally {
      this.#isFollowing = false
      undoLease()
      this.#stopped.signal.removeEventListener('abort', stop)
    }
  }

  /** Resolves when the signal has aborted. */
  async #follow(signal: AbortSignal, { onGood, end }: { onGood: () => void; end: (reason: unknown) => void }): Promise<void> {
    const { chain, lease, health } = this.#deps
    const remember = (text: string) => lease.remember(text)
    this.#memory.recalled(await lease.recall())
    const session = new ChainSession({ memory: this.#memory }, { ...this.#deps, write: this.#guarded, remember })
    const look = async () => {
      await session.look()
      health.ready('follows the node')
      this.#isFollowing = !signal.aborted
      onGood()
    }
    const looking = repeat({ everyMs: this.#options.lookEachMs, isFirstNow: true, signal, onError: end }, look)
    try {
      for await (const notification of chain.notifications(signal)) await session.take(notification)
      throw new Error('the node has ended the subscription')
    } catch (error) {
      end(error)
    } finally {
      await looking
    }
  }

  /** A process that wakes up from a freeze may have lost the lease. */
  readonly #guarded: ChainSessionDeps['write'] = async (value) => {
    if (!this.#deps.lease.isHeld()) throw new Error('the lease is lost')
    return this.#deps.write(value)
  }
}
