import { TokenBucket, type TokenRate } from '../../lifecycle/pace/token-bucket.ts'

/** May change while it is used. */
export interface AdmissionOptions {
  readonly maxClients: number
  readonly maxClientsPerAddress: number
  readonly upgradesPerSecond: number
}

export type Refusal = 'clients' | 'address' | 'rate'

/** Decides who may open another connection. Each admitted network must be released once, when its connection is closed. */
export class Admission {
  readonly #options: AdmissionOptions
  readonly #now: () => number
  readonly #upgrades: TokenBucket
  readonly #perNetwork = new Map<string, number>()
  #clients = 0

  constructor(options: AdmissionOptions, { now }: { now: () => number }) {
    this.#options = options
    this.#now = now
    this.#upgrades = new TokenBucket(this.#upgradeRate().burst, now())
  }

  /** Null when admitted, otherwise the bound that was reached. */
  admit(network: string): Refusal | null {
    const here = this.#perNetwork.get(network) ?? 0
    if (this.#clients >= this.#options.maxClients) return 'clients'
    if (here >= this.#options.maxClientsPerAddress) return 'address'
    if (!this.#upgrades.tryTake(this.#now(), this.#upgradeRate())) return 'rate'
    this.#perNetwork.set(network, here + 1)
    this.#clients += 1
    return null
  }

  /** Whether no client of another network is here. */
  isOnly(network: string): boolean {
    return this.#perNetwork.size === 0 || (this.#perNetwork.size === 1 && this.#perNetwork.has(network))
  }

  #upgradeRate(): TokenRate {
    const { upgradesPerSecond } = this.#options
    return { perSecond: upgradesPerSecond, burst: 2 * upgradesPerSecond }
  }

  release(network: string): void {
    const here = this.#perNetwork.get(network) ?? 0
    if (here > 1) this.#perNetwork.set(network, here - 1)
    else this.#perNetwork.delete(network)
    this.#clients -= 1
  }
}
