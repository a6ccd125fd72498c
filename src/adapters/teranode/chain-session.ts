import type { NotificationValue } from '../../messages/kinds/notification.ts'
import type { BlockchainService, ChainBlock, ChainNotification } from '../ports.ts'
import { KnownHashes } from './known-hashes.ts'
import { blockNotification, miningOnNotification, subtreeNotification } from './notification-of.ts'

/** What became of a notification, for the metrics. */
export type ChainOutcome = 'block' | 'subtree' | 'mining-on' | 'known' | 'not-running' | 'not-found' | 'passed-over'

export interface ChainSessionDeps {
  readonly chain: BlockchainService
  /** Resolves when Kafka has acknowledged the record. */
  readonly write: (value: NotificationValue) => Promise<unknown>
  /** Stores what the next session has to know. Called after the write of a block. */
  readonly remember: (text: string) => Promise<void>
  readonly count: (outcome: ChainOutcome) => void
  /** Called when the node does not describe a block that it has announced. */
  readonly onNotFound: (hash: string, error: unknown) => void
}

const MOST_BLOCKS = 200
const MOST_SUBTREES = 5000
/** Fits into the metadata of an offset, of which brokers take 4096 bytes. */
const REMEMBERED_BLOCKS = 16

/**
 * Turns what a node says of its chain into notifications for the bridge, one at a time. A block is written once, however often the node
 * names it, and one that the node found while it was not heard is written when the tip is looked at.
 */
export class ChainSession {
  readonly #deps: ChainSessionDeps
  readonly #blocks = new KnownHashes({ most: MOST_BLOCKS })
  readonly #subtrees = new KnownHashes({ most: MOST_SUBTREES })
  #minedOn = ''
  #isRunning = true
  #turn: Promise<void> = Promise.resolve()

  constructor({ remembered }: { readonly remembered: string }, deps: ChainSessionDeps) {
    this.#deps = deps
    this.#blocks.addText(remembered)
  }

  /** Rejects when Kafka or the lease does: then the session is over. */
  take(notification: ChainNotification): Promise<void> {
    return this.#inTurn(() => this.#take(notification))
  }

  /** Asks for the node's state and its tip. Rejects when the service does not answer. */
  look(): Promise<void> {
    return this.#inTurn(() => this.#look())
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }

  async #take({ kind, hash }: ChainNotification): Promise<void> {
    const { count } = this.#deps
    if (kind === 'state') return this.#look()
    if (kind === 'other') return count('passed-over')
    if (!this.#isRunning) return count('not-running')
    if (kind === 'subtree') return this.#subtree(hash)
    if (kind === 'mining-on') return this.#miningOn(await this.#deps.chain.bestBlock())
    if (this.#blocks.has(hash)) return count('known')
    const block = await this.#describe(hash)
    if (!block) return count('not-found')
    await this.#block(block)
    const best = await this.#deps.chain.bestBlock()
    if (best.hash === hash) await this.#miningOn(best)
  }

  async #look(): Promise<void> {
    const { chain } = this.#deps
    this.#isRunning = await chain.isRunning()
    if (!this.#isRunning) return
    const best = await chain.bestBlock()
    if (this.#blocks.has(best.hash)) return
    await this.#block(best)
    await this.#miningOn(best)
  }

  async #subtree(hash: string): Promise<void> {
    if (this.#subtrees.has(hash)) return this.#deps.count('known')
    await this.#deps.write(subtreeNotification(hash))
    this.#subtrees.add(hash)
    this.#deps.count('subtree')
  }

  async #block(block: ChainBlock): Promise<void> {
    await this.#deps.write(blockNotification(block))
    this.#blocks.add(block.hash)
    this.#deps.count('block')
    await this.#deps.remember(this.#blocks.text(REMEMBERED_BLOCKS))
  }

  async #miningOn(best: ChainBlock): Promise<void> {
    if (this.#minedOn === best.hash) return this.#deps.count('known')
    await this.#deps.write(miningOnNotification(best))
    this.#minedOn = best.hash
    this.#deps.count('mining-on')
  }

  /** Undefined if the service does not describe it. If it is the tip, the next look writes it. */
  async #describe(hash: string): Promise<ChainBlock | undefined> {
    try {
      return await this.#deps.chain.block(hash)
    } catch (error) {
      this.#deps.onNotFound(hash, error)
      return undefined
    }
  }
}
