import type { NotificationValue } from '../../messages/kinds/notification.ts'
import type { BlockchainService, ChainBlock, ChainNotification } from '../ports.ts'
import type { ChainMemory } from './chain-memory.ts'
import { KnownHashes } from './known-hashes.ts'
import { blockNotification, miningOnNotification, subtreeNotification } from './notification-of.ts'

/** What became of a notification, for the metrics. */
export type ChainOutcome = 'block' | 'subtree' | 'mining-on' | 'known' | 'not-running' | 'not-found' | 'passed-over'

export interface ChainSessionDeps {
  readonly chain: BlockchainService
  /** Resolves when Kafka has acknowledged the record. */
  readonly write: (value: NotificationValue) => Promise<unknown>
  /** Stores what the next holder of the lease has to know. Called when all that a block means is written. */
  readonly remember: (text: string) => Promise<void>
  readonly count: (outcome: ChainOutcome) => void
  /** Called when the node does not describe a block that it has announced. */
  readonly onNotFound: (hash: string, error: unknown) => void
}

const MOST_SUBTREES = 5000
/** Fits into the metadata of an offset, of which brokers take 4096 bytes. */
const REMEMBERED_BLOCKS = 16

/**
 * Turns what a node says of its chain into notifications for the bridge, one at a time. A block is written once, however often the node
 * names it, and one that the node found while it was not heard is written when the tip is looked at.
 */
export class ChainSession {
  readonly #deps: ChainSessionDeps
  readonly #memory: ChainMemory
  readonly #subtrees = new KnownHashes({ most: MOST_SUBTREES })
  #isRunning = true
  #turn: Promise<void> = Promise.resolve()

  constructor({ memory }: { readonly memory: ChainMemory }, deps: ChainSessionDeps) {
    this.#deps = deps
    this.#memory = memory
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
    if (this.#isFinished(hash)) return count('known')
    const block = await this.#describe(hash)
    if (!block) return count('not-found')
    await this.#block(block)
    const best = await this.#deps.chain.bestBlock()
    if (best.hash === hash) await this.#miningOn(best)
    await this.#finish()
  }

  async #look(): Promise<void> {
    const { chain } = this.#deps
    this.#isRunning = await chain.isRunning()
    if (!this.#isRunning) return
    const best = await chain.bestBlock()
    if (this.#isFinished(best.hash)) return
    await this.#block(best)
    await this.#miningOn(best)
    await this.#finish()
  }

  #isFinished(hash: string): boolean {
    return this.#memory.blocks.has(hash) && this.#memory.unfinished !== hash
  }

  async #subtree(hash: string): Promise<void> {
    if (this.#subtrees.has(hash)) return this.#deps.count('known')
    await this.#deps.write(subtreeNotification(hash))
    this.#subtrees.add(hash)
    this.#deps.count('subtree')
  }

  async #block(block: ChainBlock): Promise<void> {
    if (this.#memory.blocks.has(block.hash)) return
    await this.#deps.write(blockNotification(block))
    this.#memory.blocks.add(block.hash)
    this.#memory.unfinished = block.hash
    this.#deps.count('block')
  }

  async #finish(): Promise<void> {
    await this.#deps.remember(this.#memory.blocks.text(REMEMBERED_BLOCKS))
    this.#memory.unfinished = ''
  }

  async #miningOn(best: ChainBlock): Promise<void> {
    if (this.#memory.minedOn === best.hash) return this.#deps.count('known')
    await this.#deps.write(miningOnNotification(best))
    this.#memory.minedOn = best.hash
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
