import type { Announcement, AnnouncementType } from '../announcement.ts'
import { isInt64 } from '../codec/avro-type.ts'
import { hashField, minerField, peerIdField, reasonField } from '../rules/field-rules.ts'
import { RefusedError } from '../rules/refusal.ts'
import { checkUrl, type UrlRules } from '../rules/url-rules.ts'
import { goString, readGoObject } from './go-json.ts'

/** What a message says, and who it claims to be from; whether that is the signer is for the caller to compare. */
export interface PlainMessage {
  readonly announcement: Announcement
  readonly claimedPeerId: string
}

const HEADER = /^[0-9a-f]{160}$/i

/** The bytes of an announcement in the dialect `plain`: bare JSON with Go's keys, order and escapes. */
export function encodePlain(announcement: Announcement, { peerId }: { peerId: string }): Uint8Array {
  return Buffer.from(`{${members(announcement, goString(peerId))}}`)
}

function members(announcement: Announcement, peerId: string): string {
  switch (announcement.type) {
    case 'block': {
      const { hash, height, header, dataHubUrl } = announcement.block
      const base = `"Hash":"${hash}","Height":${height},"DataHubURL":${goString(dataHubUrl)},"PeerID":${peerId}`
      // Nodes that know headers write an empty Coinbase too; older ones write, and read, neither.
      return header === null ? base : `${base},"Header":"${header}","Coinbase":""`
    }
    case 'subtree':
      return `"Hash":"${announcement.subtree.hash}","DataHubURL":${goString(announcement.subtree.dataHubUrl)},"PeerID":${peerId}`
    case 'mining-on': {
      const { hash, previousHash, height, miner, sizeInBytes, txCount, dataHubUrl } = announcement.miningOn
      const from = `"Hash":"${hash}","PreviousHash":"${previousHash}","DataHubURL":${goString(dataHubUrl)},"PeerID":${peerId}`
      return `${from},"Height":${height},"Miner":${goString(miner)},"SizeInBytes":${sizeInBytes},"TxCount":${txCount}`
    }
    case 'rejected-tx':
      return `"TxID":"${announcement.rejectedTx.txId}","Reason":${goString(announcement.rejectedTx.reason)},"PeerID":${peerId}`
  }
}

/** Throws RefusedError for a message that is malformed or breaks a rule of its fields. Hashes come out in canonical form. */
export function decodePlain(type: AnnouncementType, data: Uint8Array, rules: UrlRules): PlainMessage {
  return DECODERS[type](data, rules)
}

const DECODERS = {
  block: decodeBlock,
  subtree: decodeSubtree,
  'mining-on': decodeMiningOn,
  'rejected-tx': decodeRejectedTx,
} satisfies Record<AnnouncementType, (data: Uint8Array, rules: UrlRules) => PlainMessage>

const BLOCK_FIELDS = { hash: 'string', height: 'uint32', datahuburl: 'string', peerid: 'string', header: 'string' } as const
const SUBTREE_FIELDS = { hash: 'string', datahuburl: 'string', peerid: 'string' } as const
const REJECTED_TX_FIELDS = { txid: 'string', reason: 'string', peerid: 'string' } as const
const MINING_ON_FIELDS = {
  hash: 'string',
  previoushash: 'string',
  datahuburl: 'string',
  peerid: 'string',
  height: 'uint32',
  miner: 'string',
  sizeinbytes: 'uint64',
  txcount: 'uint64',
} as const

function decodeBlock(data: Uint8Array, rules: UrlRules): PlainMessage {
  const { hash, height, datahuburl, peerid, header } = readGoObject(data, BLOCK_FIELDS)
  const block = { hash: hashField('Hash', hash), height, header: headerField(header), dataHubUrl: datahuburl }
  checkUrl(datahuburl, rules)
  return { announcement: { type: 'block', block }, claimedPeerId: peerIdField(peerid) }
}

function decodeSubtree(data: Uint8Array, rules: UrlRules): PlainMessage {
  const { hash, datahuburl, peerid } = readGoObject(data, SUBTREE_FIELDS)
  checkUrl(datahuburl, rules)
  const subtree = { hash: hashField('Hash', hash), dataHubUrl: datahuburl }
  return { announcement: { type: 'subtree', subtree }, claimedPeerId: peerIdField(peerid) }
}

function decodeMiningOn(data: Uint8Array, rules: UrlRules): PlainMessage {
  const fields = readGoObject(data, MINING_ON_FIELDS)
  // Nobody fetches anything because of this kind, so a node without an address may send it.
  if (fields.datahuburl !== '') checkUrl(fields.datahuburl, rules)
  const miningOn = {
    hash: hashField('Hash', fields.hash),
    previousHash: hashField('PreviousHash', fields.previoushash),
    height: fields.height,
    miner: minerField(fields.miner),
    sizeInBytes: countField('SizeInBytes', fields.sizeinbytes),
    txCount: countField('TxCount', fields.txcount),
    dataHubUrl: fields.datahuburl,
  }
  return { announcement: { type: 'mining-on', miningOn }, claimedPeerId: peerIdField(fields.peerid) }
}

function decodeRejectedTx(data: Uint8Array): PlainMessage {
  const { txid, reason, peerid } = readGoObject(data, REJECTED_TX_FIELDS)
  const rejectedTx = { txId: hashField('TxID', txid), reason: reasonField(reason) }
  return { announcement: { type: 'rejected-tx', rejectedTx }, claimedPeerId: peerIdField(peerid) }
}

function headerField(text: string): string | null {
  if (text === '') return null
  if (!HEADER.test(text)) throw new RefusedError('header', 'the header has to be 160 hexadecimal characters')
  return text.toLowerCase()
}

/** Go counts to 2^64, the Avro long of the log to 2^63; nothing real is that large. */
function countField(name: string, count: bigint): bigint {
  if (!isInt64(count)) throw new RefusedError('count', `${name} exceeds 63 bits`)
  return count
}
