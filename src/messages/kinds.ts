import { block } from './kinds/block.ts'
import { miningOn } from './kinds/mining-on.ts'
import { nodeStatus } from './kinds/node-status.ts'
import { rejectedTx } from './kinds/rejected-tx.ts'
import { subtree } from './kinds/subtree.ts'

/**
 * THE table of the kinds of announcements. Types, codec, in-topics, gossip topics, settings, event log, validation, browsers and
 * page derive from it, so a new kind is a file in kinds/ and a line here; CONTRIBUTING.md has the steps.
 */
export const KINDS = { block, subtree, 'mining-on': miningOn, 'rejected-tx': rejectedTx, 'node-status': nodeStatus } as const
