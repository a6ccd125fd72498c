import { displayText, hashText, peerIdText, urlText } from '../dialects/envelope/fields.ts'
import { goString, readGoObject } from '../dialects/go-json.ts'
import { hashField, peerIdField } from '../rules/field-rules.ts'
import { checkUrl } from '../rules/url-rules.ts'
import type { Heard, Kind } from './kind.ts'
import { type NotificationValue, ownHash } from './notification.ts'

export interface Subtree {
  readonly hash: string
  /** Base URL from which the subtree's data can be fetched. */
  readonly dataHubUrl: string
  /** The name of the sender, in dialects that tell it. */
  readonly clientName?: string | null
}

/** Value of the out-topic `subtrees`. */
export interface SubtreeAnnouncementValue {
  readonly hash: string
  readonly url: string
  readonly peerId: string | null
  readonly eventId: string
}

const FIELDS = { hash: 'string', datahuburl: 'string', peerid: 'string', clientname: 'string' } as const

export const subtree = {
  payload: 'subtree',
  hash: 'hash',
  url: 'dataHubUrl',
  height: null,
  header: null,
  stateOf: null,
  source: {
    topic: 'notifications',
    type: 'Subtree',
    read: (value, { dataHubUrl, clientName }) => ({ hash: ownHash('hash', value.hash), dataHubUrl, clientName }),
  },
  gossip: { setting: 'subtree', suffix: 'subtree', about: 'subtrees', priority: 'high' },
  plain: {
    maxBytes: 32 * 1024,
    maxSentBytes: 32 * 1024,
    encode: ({ hash, dataHubUrl }, { peerId }) => `"Hash":"${hash}","DataHubURL":${goString(dataHubUrl)},"PeerID":${peerId}`,
    decode(data, rules): Heard<Subtree> {
      const { hash, datahuburl: dataHubUrl, peerid } = readGoObject(data, FIELDS)
      checkUrl(dataHubUrl, rules)
      return { content: { hash: hashField('Hash', hash), dataHubUrl }, claimedPeerId: peerIdField(peerid) }
    },
  },
  envelope: {
    maxBytes: 32 * 1024,
    maxSentBytes: 8000,
    encode: ({ hash, dataHubUrl }, { peerId, clientName }) =>
      `"PeerID":${peerId},"ClientName":${clientName},"DataHubURL":${goString(dataHubUrl)},"Hash":"${hash}"`,
    decode(data, rules): Heard<Subtree> {
      const { hash, datahuburl, peerid, clientname } = readGoObject(data, FIELDS)
      const dataHubUrl = urlText(datahuburl, rules)
      const content = { hash: hashText('Hash', hash), dataHubUrl, clientName: displayText(clientname) }
      return { content, claimedPeerId: peerIdText(peerid) }
    },
  },
  validation: {
    topic: 'subtrees',
    toValue: ({ hash, dataHubUrl }, context): SubtreeAnnouncementValue => ({ hash, url: dataHubUrl, ...context }),
  },
  teranode: { type: 'subtree', members: { hash: 'hash', base_url: 'dataHubUrl', client_name: 'clientName' } },
  page: { name: 'Subtree', plural: 'Subtrees', title: null, details: [{ property: 'dataHubUrl', format: 'host' }] },
} as const satisfies Kind<Subtree, NotificationValue>
