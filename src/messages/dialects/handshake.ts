import { hashField, oneLine, peerIdField } from '../rules/field-rules.ts'
import { RefusedError } from '../rules/refusal.ts'
import { checkUrl, type UrlRules } from '../rules/url-rules.ts'
import { goString, readGoObject } from './go-json.ts'

/** How two nodes of the dialect `plain` tell each other their best block: `version` on the gossip topic, `verack` on a direct stream. */
export interface Handshake {
  readonly type: 'version' | 'verack'
  readonly peerId: string
  readonly bestHeight: number
  /** Null while unknown to the node. */
  readonly bestHash: string | null
  /** May be empty. */
  readonly dataHubUrl: string
  readonly userAgent: string
  readonly services: bigint
  /** Newer nodes send their topic prefix. Null from older ones. */
  readonly topicPrefix: string | null
}

export const MAX_HANDSHAKE_BYTES = 8 * 1024
const MAX_TEXT_LENGTH = 256

const FIELDS = {
  type: 'string',
  peerid: 'string',
  bestheight: 'uint32',
  besthash: 'string',
  datahuburl: 'string',
  useragent: 'string',
  services: 'uint64',
  topicprefix: 'string',
} as const

/** Whether an object of a direct stream is a handshake: it has a `type`, and a block has none. */
export function isHandshake(data: Uint8Array): boolean {
  return /"type"\s*:/i.test(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1'))
}

/** Throws RefusedError for a message that is malformed or breaks a rule of its fields. */
export function decodeHandshake(data: Uint8Array, rules: UrlRules): Handshake {
  const fields = readGoObject(data, FIELDS)
  if (fields.type !== 'version' && fields.type !== 'verack') throw new RefusedError('handshake', 'type has to be version or verack')
  if (fields.datahuburl !== '') checkUrl(fields.datahuburl, rules)
  return {
    type: fields.type,
    peerId: peerIdField(fields.peerid),
    bestHeight: fields.bestheight,
    bestHash: fields.besthash === '' ? null : hashField('bestHash', fields.besthash),
    dataHubUrl: fields.datahuburl,
    userAgent: oneLine(fields.useragent, MAX_TEXT_LENGTH),
    services: fields.services,
    topicPrefix: fields.topicprefix === '' ? null : oneLine(fields.topicprefix, MAX_TEXT_LENGTH),
  }
}

/** The bytes of a handshake, keys in Go's order. Older nodes know no `topicPrefix`: null leaves it out. */
export function encodeHandshake(handshake: Handshake): Uint8Array {
  const { type, peerId, bestHeight, bestHash, dataHubUrl, userAgent, services, topicPrefix } = handshake
  const base =
    `"type":"${type}","peerID":${goString(peerId)},"bestHeight":${bestHeight},"bestHash":${goString(bestHash ?? '')},` +
    `"dataHubURL":${goString(dataHubUrl)},"userAgent":${goString(userAgent)},"services":${services}`
  return Buffer.from(topicPrefix === null ? `{${base}}` : `{${base},"topicPrefix":${goString(topicPrefix)}}`)
}
