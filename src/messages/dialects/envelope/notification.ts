import { contentOf, kindOf } from '../../announcement.ts'
import { member, notification, type SeenEvent } from '../teranode-notification.ts'

/** The keys of Teranode's notification object after `timestamp` and `type`, in its order. */
const KEYS = [
  'hash',
  'base_url',
  'propagation_url',
  'peer_id',
  'previousblockhash',
  'tx_count',
  'height',
  'size_in_bytes',
  'miner',
  'version',
  'commit_hash',
  'best_block_hash',
  'best_height',
  'subtree_count',
  'fsm_state',
  'start_time',
  'uptime',
  'client_name',
  'miner_name',
  'listen_mode',
  'chain_work',
  'sync_peer_id',
  'sync_peer_height',
  'sync_peer_block_hash',
  'sync_connected_at',
  'min_mining_tx_fee',
  'fee_policy',
  'connected_peers_count',
  'storage',
]

/** The same as for older nodes, with the keys that were added since. Only `best_height` is never omitted. */
export function envelopeNotification(seen: SeenEvent, ownPeerId: string): string | null {
  const { teranode, envelope } = kindOf(seen.type)
  if (!teranode || !envelope) return null
  const { type, members } = teranode
  const content = contentOf(seen)
  const parts = KEYS.map((key) => {
    const property = members[key]
    const value = key === 'peer_id' ? (seen.peerId ?? ownPeerId) : property && content[property]
    return key === 'best_height' ? `,"best_height":${value ?? 0}` : member(key, value)
  })
  return notification(seen.receivedAt, type, parts)
}
