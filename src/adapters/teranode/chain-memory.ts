import { KnownHashes } from './known-hashes.ts'

const MOST_BLOCKS = 200

/**
 * What an instance knows to be written of a node's chain. It outlives the subscription: when a change of the group refuses the commit that
 * remembers a block, the next subscription finishes that block, and does not write it again.
 */
export class ChainMemory {
  readonly blocks = new KnownHashes({ most: MOST_BLOCKS })
  /** The hash of a block that is written, while what the node mines on, or the commit that remembers the block, is missing. */
  unfinished = ''
  /** The hash that was last written as what the node mines on, while nobody else may have written one since. */
  minedOn = ''

  /** Call it with what the last holder of the lease remembered, before each subscription. */
  recalled(text: string): void {
    if (this.blocks.addText(text).includes(this.unfinished)) this.unfinished = ''
    if (this.unfinished === '') this.minedOn = ''
  }
}
