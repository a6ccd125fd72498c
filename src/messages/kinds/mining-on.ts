import { goString, readGoObject } from '../dialects/go-json.ts'
import { countField, hashField, MAX_MINER_LENGTH, minerField, oneLine, peerIdField } from '../rules/field-rules.ts'
import { checkUrl } from '../rules/url-rules.ts'
import type { Heard, Kind } from './kind.ts'
import { type NotificationValue, ownCount, ownHash, ownHeight } from './notification.ts'

/** The block that the node is mining on. All fields describe that best block, not the next one. */
export interface MiningOn {
  readonly hash: string
  readonly previousHash: string
  readonly height: number
  /** The height that the sender announced, if it is not `height`. */
  readonly announcedHeight?: number | null
  readonly miner: string
  readonly sizeInBytes: bigint
  readonly txCount: bigint
  /** Base URL of the sender. May be empty. */
  readonly dataHubUrl: string
}

const FIELDS = {
  hash: 'string',
  previoushash: 'string',
  datahuburl: 'string',
  peerid: 'string',
  height: 'uint32',
  miner: 'string',
  sizeinbytes: 'uint64',
  txcount: 'uint64',
} as const

export const miningOn = {
  payload: 'miningOn',
  hash: 'hash',
  url: 'dataHubUrl',
  height: 'height',
  header: null,
  stateOf: ({ hash }) => hash,
  source: {
    topic: 'notifications',
    type: 'MiningOn',
    read: (value, { dataHubUrl }) => ({
      hash: ownHash('hash', value.hash),
      previousHash: ownHash('previousHash', value.previousHash ?? ''),
      height: ownHeight(value),
      miner: oneLine(value.miner ?? '', MAX_MINER_LENGTH),
      sizeInBytes: ownCount('sizeInBytes', value.sizeInBytes),
      txCount: ownCount('txCount', value.txCount),
      dataHubUrl,
    }),
  },
  gossip: { setting: 'mining_on', suffix: 'miningon', about: 'what nodes mine on', priority: 'high' },
  plain: {
    maxBytes: 32 * 1024,
    maxSentBytes: 32 * 1024,
    encode({ hash, previousHash, height, miner, sizeInBytes, txCount, dataHubUrl }, { peerId }) {
      const from = `"Hash":"${hash}","PreviousHash":"${previousHash}","DataHubURL":${goString(dataHubUrl)},"PeerID":${peerId}`
      return `${from},"Height":${height},"Miner":${goString(miner)},"SizeInBytes":${sizeInBytes},"TxCount":${txCount}`
    },
    decode(data, rules): Heard<MiningOn> {
      const fields = readGoObject(data, FIELDS)
      // No receiver fetches data for this kind, so a node without an address may send it.
      if (fields.datahuburl !== '') checkUrl(fields.datahuburl, rules)
      const content = {
        hash: hashField('Hash', fields.hash),
        previousHash: hashField('PreviousHash', fields.previoushash),
        height: fields.height,
        miner: minerField(fields.miner),
        sizeInBytes: countField('SizeInBytes', fields.sizeinbytes),
        txCount: countField('TxCount', fields.txcount),
        dataHubUrl: fields.datahuburl,
      }
      return { content, claimedPeerId: peerIdField(fields.peerid) }
    },
  },
  envelope: null,
  validation: null,
  teranode: {
    type: 'mining_on',
    members: {
      hash: 'hash',
      base_url: 'dataHubUrl',
      previousblockhash: 'previousHash',
      tx_count: 'txCount',
      height: 'height',
      size_in_bytes: 'sizeInBytes',
      miner: 'miner',
    },
  },
  page: {
    name: 'Mining on',
    plural: 'Mining on',
    title: { property: 'height', format: 'height' },
    details: [
      { property: 'miner', format: 'text' },
      { property: 'txCount', format: 'transactions' },
      { property: 'sizeInBytes', format: 'bytes' },
    ],
  },
} as const satisfies Kind<MiningOn, NotificationValue>
