import type { NotificationValue } from '../../messages/kinds/notification.ts'
import type { ChainBlock } from '../ports.ts'

const EMPTY = { height: null, header: null, previousHash: null, miner: null, sizeInBytes: null, txCount: null }

export function subtreeNotification(hash: string): NotificationValue {
  return { ...EMPTY, type: 'Subtree', hash }
}

export function blockNotification({ hash, ...block }: ChainBlock): NotificationValue {
  return { type: 'Block', hash, ...described(block) }
}

/** The node mines on the block: all fields describe that block, not the next one. */
export function miningOnNotification({ hash, ...block }: ChainBlock): NotificationValue {
  return { type: 'MiningOn', hash, ...described(block) }
}

function described(block: Omit<ChainBlock, 'hash'>): Omit<NotificationValue, 'type' | 'hash'> {
  const { height, header, previousHash, miner, sizeInBytes, txCount } = block
  return { height, header, previousHash, miner, sizeInBytes, txCount }
}
