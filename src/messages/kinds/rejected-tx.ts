import { displayText, hashText, peerIdText } from '../dialects/envelope/fields.ts'
import { goString, readGoObject } from '../dialects/go-json.ts'
import { hashField, MAX_REASON_LENGTH, oneLine, peerIdField, reasonField } from '../rules/field-rules.ts'
import type { Heard, Kind } from './kind.ts'
import { ownHash } from './notification.ts'

export interface RejectedTx {
  readonly txId: string
  /** Why the validator refused it, at most 1024 characters. */
  readonly reason: string
}

/** Value of the in-topic `rejectedtx`. A null or empty `peerId` means the own validator. */
export interface RejectedTxValue {
  readonly txHash: string
  readonly reason: string
  readonly peerId: string | null
}

/** Longer reasons are cut, as Teranode does. */
const MAX_SHOWN_REASON = 1024

const FIELDS = { txid: 'string', reason: 'string', peerid: 'string' } as const

export const rejectedTx = {
  payload: 'rejectedTx',
  hash: 'txId',
  url: null,
  height: null,
  header: null,
  stateOf: null,
  source: {
    topic: 'rejectedTx',
    type: null,
    read(value) {
      const txId = ownHash('txHash', value.txHash)
      if (value.peerId) return undefined // a peer's rejection, which the own node only passes on
      return { txId, reason: oneLine(value.reason, MAX_REASON_LENGTH) }
    },
  },
  gossip: { setting: 'rejected_tx', suffix: 'rejected_tx', about: 'rejected transactions', priority: 'low' },
  plain: {
    maxBytes: 16 * 1024,
    maxSentBytes: 16 * 1024,
    encode: ({ txId, reason }, { peerId }) => `"TxID":"${txId}","Reason":${goString(reason)},"PeerID":${peerId}`,
    decode(data): Heard<RejectedTx> {
      const { txid, reason, peerid } = readGoObject(data, FIELDS)
      return { content: { txId: hashField('TxID', txid), reason: reasonField(reason) }, claimedPeerId: peerIdField(peerid) }
    },
  },
  envelope: {
    maxBytes: 16 * 1024,
    maxSentBytes: 8000,
    // As Teranode's nodes limit themselves.
    sentRate: { perSecond: 10, burst: 100 },
    encode: ({ txId, reason }, { peerId, clientName }) =>
      `"PeerID":${peerId},"ClientName":${clientName},"TxID":"${txId}","Reason":${goString(reason)}`,
    decode(data): Heard<RejectedTx> {
      const { txid, reason, peerid } = readGoObject(data, FIELDS)
      const content = { txId: hashText('TxID', txid), reason: displayText(reason, MAX_SHOWN_REASON) }
      return { content, claimedPeerId: peerIdText(peerid) }
    },
  },
  validation: null,
  teranode: null,
  page: { name: 'Rejected tx', plural: 'Rejected txs', title: null, details: [{ property: 'reason', format: 'text' }] },
} as const satisfies Kind<RejectedTx, RejectedTxValue>
