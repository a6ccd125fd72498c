import { countField } from '../../rules/field-rules.ts'
import { canonicalHash } from '../../rules/hash.ts'
import type { UrlRules } from '../../rules/url-rules.ts'
import { goString, readGoObject } from '../go-json.ts'
import { feePolicyText } from './fee-policy.ts'
import { displayText, hexOrNothing, peerIdText, shownUrlText, statusUrlText, wordOf } from './fields.ts'

/** What a node says of itself. Texts are empty, and numbers zero, where it says nothing. */
export interface NodeStatus {
  readonly clientName: string
  readonly dataHubUrl: string
  readonly propagationUrl: string
  readonly version: string
  readonly commitHash: string
  /** Empty, and the height 0, for a node without a best block. */
  readonly bestBlockHash: string
  /** What we believe: at most so much above the own tip as `max_height_lead` allows. */
  readonly bestHeight: number
  /** The height that the node announced, if it is not `bestHeight`. */
  readonly announcedHeight?: number | null
  readonly txCount: bigint
  readonly subtreeCount: number
  readonly fsmState: string
  /** Seconds since the epoch. */
  readonly startTime: bigint
  /** Seconds. */
  readonly uptime: number
  readonly minerName: string
  readonly listenMode: string
  readonly chainWork: string
  readonly syncPeerId: string
  readonly syncPeerHeight: number
  readonly syncPeerBlockHash: string
  /** Seconds since the epoch. */
  readonly syncConnectedAt: bigint
  /** Null while unknown; 0 is no fee. */
  readonly minMiningTxFee: number | null
  /** JSON as Teranode writes it; null if not given. */
  readonly feePolicy: string | null
  readonly connectedPeersCount: bigint
  readonly storage: string
}

/** A status that says nothing. */
export const UNSAID_STATUS: NodeStatus = {
  clientName: '',
  dataHubUrl: '',
  propagationUrl: '',
  version: '',
  commitHash: '',
  bestBlockHash: '',
  bestHeight: 0,
  txCount: 0n,
  subtreeCount: 0,
  fsmState: '',
  startTime: 0n,
  uptime: 0,
  minerName: '',
  listenMode: '',
  chainWork: '',
  syncPeerId: '',
  syncPeerHeight: 0,
  syncPeerBlockHash: '',
  syncConnectedAt: 0n,
  minMiningTxFee: null,
  feePolicy: null,
  connectedPeersCount: 0n,
  storage: '',
}

export const LISTEN_MODES = ['full', 'listen_only', 'silent'] as const
const STORAGES = ['full', 'pruned']

const FIELDS = {
  peer_id: 'string',
  client_name: 'string',
  type: 'string',
  base_url: 'string',
  propagation_url: 'string',
  version: 'string',
  commit_hash: 'string',
  best_block_hash: 'string',
  best_height: 'uint32',
  tx_count: 'uint64',
  subtree_count: 'uint32',
  fsm_state: 'string',
  start_time: 'int64',
  uptime: 'float64',
  miner_name: 'string',
  listen_mode: 'string',
  chain_work: 'string',
  sync_peer_id: 'string',
  sync_peer_height: 'uint32',
  sync_peer_block_hash: 'string',
  sync_connected_at: 'int64',
  min_mining_tx_fee: 'float64?',
  fee_policy: 'object?',
  connected_peers_count: 'int64',
  storage: 'string',
} as const

/** Throws RefusedError. A best block whose hash cannot be read is none. */
export function decodeNodeStatus(data: Uint8Array, rules: UrlRules): { content: NodeStatus; claimedPeerId: string } {
  const fields = readGoObject(data, FIELDS)
  const bestBlockHash = canonicalHash(fields.best_block_hash) ?? ''
  const content: NodeStatus = {
    clientName: displayText(fields.client_name),
    dataHubUrl: statusUrlText(fields.base_url, rules),
    propagationUrl: shownUrlText(fields.propagation_url, rules),
    version: displayText(fields.version),
    commitHash: displayText(fields.commit_hash),
    bestBlockHash,
    bestHeight: bestBlockHash === '' ? 0 : fields.best_height,
    txCount: countField('tx_count', fields.tx_count),
    subtreeCount: fields.subtree_count,
    fsmState: displayText(fields.fsm_state),
    startTime: fields.start_time,
    uptime: fields.uptime,
    minerName: displayText(fields.miner_name),
    listenMode: wordOf(LISTEN_MODES, fields.listen_mode),
    chainWork: hexOrNothing(fields.chain_work),
    syncPeerId: displayText(fields.sync_peer_id),
    syncPeerHeight: fields.sync_peer_height,
    syncPeerBlockHash: hexOrNothing(fields.sync_peer_block_hash),
    syncConnectedAt: fields.sync_connected_at,
    minMiningTxFee: fields.min_mining_tx_fee,
    feePolicy: feePolicyText(fields.fee_policy),
    connectedPeersCount: fields.connected_peers_count,
    storage: wordOf(STORAGES, fields.storage),
  }
  return { content, claimedPeerId: peerIdText(fields.peer_id) }
}

/** The members in Teranode's order. Those that Go omits while they are empty come through `unlessEmpty`. */
export function encodeNodeStatus(status: NodeStatus, sender: { peerId: string; clientName: string }): string {
  const { syncPeerId, syncPeerBlockHash, minMiningTxFee, feePolicy } = status
  return [
    `"peer_id":${sender.peerId},"client_name":${sender.clientName},"type":"node_status"`,
    `,"base_url":${goString(status.dataHubUrl)}`,
    unlessEmpty('propagation_url', status.propagationUrl),
    `,"version":${goString(status.version)},"commit_hash":${goString(status.commitHash)}`,
    `,"best_block_hash":"${status.bestBlockHash}","best_height":${status.bestHeight}`,
    unlessEmpty('tx_count', status.txCount),
    unlessEmpty('subtree_count', status.subtreeCount),
    `,"fsm_state":${goString(status.fsmState)},"start_time":${status.startTime},"uptime":${status.uptime}`,
    `,"miner_name":${goString(status.minerName)},"listen_mode":"${status.listenMode}","chain_work":"${status.chainWork}"`,
    unlessEmpty('sync_peer_id', syncPeerId),
    unlessEmpty('sync_peer_height', status.syncPeerHeight),
    unlessEmpty('sync_peer_block_hash', syncPeerBlockHash),
    unlessEmpty('sync_connected_at', status.syncConnectedAt),
    minMiningTxFee === null ? '' : `,"min_mining_tx_fee":${minMiningTxFee}`,
    feePolicy === null ? '' : `,"fee_policy":${feePolicy}`,
    unlessEmpty('connected_peers_count', status.connectedPeersCount),
    unlessEmpty('storage', status.storage),
  ].join('')
}

function unlessEmpty(key: string, value: string | number | bigint): string {
  if (typeof value === 'string') return value === '' ? '' : `,"${key}":${goString(value)}`
  return Number(value) === 0 ? '' : `,"${key}":${value}`
}
