import type { AdapterLease, BlockchainService, ChainBlock, ChainNotification } from '../../../src/adapters/ports.ts'
import { Listeners } from '../../../src/lifecycle/listeners.ts'

/** A hash for each number. */
export const hashOf = (number: number) => number.toString(16).padStart(64, '0')

export function blockOf(number: number): ChainBlock {
  const header = number.toString(16).padStart(160, '0')
  return { hash: hashOf(number), previousHash: hashOf(number - 1), height: number, header, miner: '/m/', sizeInBytes: 9n, txCount: 2n }
}

/** The blockchain service of a node whose blocks are numbers. Each subscription begins with the tip, as Teranode's do. */
export class FakeChain implements BlockchainService {
  tip = 1
  running = true
  /** The service does not answer. */
  failing = false
  subscriptions = 0
  readonly #subscribers = new Set<{ queue: ChainNotification[]; wake: () => void; isEnded: boolean }>()

  async *notifications(signal: AbortSignal): AsyncGenerator<ChainNotification> {
    this.#answer()
    this.subscriptions += 1
    const subscriber = { queue: [{ kind: 'block', hash: hashOf(this.tip) } as ChainNotification], wake: () => {}, isEnded: false }
    this.#subscribers.add(subscriber)
    const wake = () => subscriber.wake()
    signal.addEventListener('abort', wake)
    try {
      while (!signal.aborted) {
        const next = subscriber.queue.shift()
        if (next) yield next
        else if (subscriber.isEnded) return
        else await new Promise<void>((resolve) => (subscriber.wake = resolve))
      }
    } finally {
      signal.removeEventListener('abort', wake)
      this.#subscribers.delete(subscriber)
    }
  }

  say(kind: ChainNotification['kind'], hash: string): void {
    for (const subscriber of this.#subscribers) {
      subscriber.queue.push({ kind, hash })
      subscriber.wake()
    }
  }

  mine(): void {
    this.tip += 1
    this.say('block', hashOf(this.tip))
  }

  endSubscriptions(): void {
    for (const subscriber of this.#subscribers) {
      subscriber.isEnded = true
      subscriber.wake()
    }
  }

  async block(hash: string): Promise<ChainBlock> {
    this.#answer()
    const number = Number.parseInt(hash, 16)
    if (number > this.tip) throw new Error('no such block')
    return blockOf(number)
  }

  async bestBlock(): Promise<ChainBlock> {
    this.#answer()
    return blockOf(this.tip)
  }

  async isRunning(): Promise<boolean> {
    this.#answer()
    return this.running
  }

  #answer(): void {
    if (this.failing) throw new Error('the service is away')
  }
}

/** A lease that a test gives and takes. */
export class FakeLease implements AdapterLease {
  held = true
  memory = ''
  /** So many of the next calls are refused, as by a group that changes and gives the lease back here. */
  refusals = 0
  readonly #changes = new Listeners()
  readonly onChange = (listener: () => void) => this.#changes.add(listener)
  readonly isHeld = () => this.held
  readonly recall = async () => this.memory
  readonly remember = async (text: string) => {
    if (!this.held || this.refusals > 0) {
      this.refusals -= 1
      throw new Error('another generation')
    }
    this.memory = text
  }

  set(held: boolean): void {
    this.held = held
    this.#changes.emit()
  }
}
