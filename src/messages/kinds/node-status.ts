import { hash } from 'node:crypto'
import { decodeNodeStatus, encodeNodeStatus, type NodeStatus } from '../dialects/envelope/node-status.ts'
import type { Kind } from './kind.ts'

/**
 * A node repeats its status every 10 s, and nearly all of it is the same: a network of 100 nodes would fill the event log with 800 MB a
 * day. So an event is a change of what others act on, and otherwise one each minute, by the clock of the node itself: instances that
 * receive the same message agree. It is a digest, because many states of many signers are remembered, and two URLs alone may have 4 KB.
 */
const EVENT_EACH_SECONDS = 60

function stateOf(status: NodeStatus): string {
  const { bestBlockHash, bestHeight, dataHubUrl, propagationUrl, clientName, version, fsmState, listenMode, storage } = status
  const minute = Math.floor((Number(status.startTime) + status.uptime) / EVENT_EACH_SECONDS)
  const parts = [bestBlockHash, bestHeight, dataHubUrl, propagationUrl, clientName, version, fsmState, listenMode, storage, minute]
  return hash('sha256', parts.join('\n'), 'hex')
}

/** What a node says of itself. It exists in the dialect `envelope` only, and the bridge creates its own. */
export const nodeStatus = {
  payload: 'nodeStatus',
  hash: 'bestBlockHash',
  url: 'dataHubUrl',
  height: 'bestHeight',
  header: null,
  stateOf,
  source: null,
  gossip: {
    setting: 'node_status',
    suffix: 'node_status',
    about: 'what nodes say of themselves',
    priority: 'high',
    // An honest node sends one each 10 s, and one at each block.
    signerRate: { perSecond: 1, burst: 20 },
  },
  plain: null,
  envelope: { maxBytes: 64 * 1024, maxSentBytes: 10_000, encode: encodeNodeStatus, decode: decodeNodeStatus },
  validation: null,
  teranode: {
    type: 'node_status',
    members: {
      base_url: 'dataHubUrl',
      propagation_url: 'propagationUrl',
      tx_count: 'txCount',
      version: 'version',
      commit_hash: 'commitHash',
      best_block_hash: 'bestBlockHash',
      best_height: 'bestHeight',
      subtree_count: 'subtreeCount',
      fsm_state: 'fsmState',
      start_time: 'startTime',
      uptime: 'uptime',
      client_name: 'clientName',
      miner_name: 'minerName',
      listen_mode: 'listenMode',
      chain_work: 'chainWork',
      sync_peer_id: 'syncPeerId',
      sync_peer_height: 'syncPeerHeight',
      sync_peer_block_hash: 'syncPeerBlockHash',
      sync_connected_at: 'syncConnectedAt',
      min_mining_tx_fee: 'minMiningTxFee',
      fee_policy: 'feePolicy',
      connected_peers_count: 'connectedPeersCount',
      storage: 'storage',
    },
  },
  page: {
    name: 'Node status',
    plural: 'Node statuses',
    title: { property: 'bestHeight', format: 'height' },
    details: [
      { property: 'clientName', format: 'text' },
      { property: 'fsmState', format: 'text' },
      { property: 'dataHubUrl', format: 'host' },
    ],
  },
} as const satisfies Kind<NodeStatus, never>
