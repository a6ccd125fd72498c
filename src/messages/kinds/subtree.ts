import { goString, readGoObject } from '../dialects/go-json.ts'
import { hashField, peerIdField } from '../rules/field-rules.ts'
import { checkUrl } from '../rules/url-rules.ts'
import type { Kind } from './kind.ts'
import { type NotificationValue, ownHash } from './notification.ts'

export interface Subtree {
  readonly hash: string
  /** Base URL from which the subtree's data can be fetched. */
  readonly dataHubUrl: string
}

/** Value of the out-topic `subtrees`. */
export interface SubtreeAnnouncementValue {
  readonly hash: string
  readonly url: string
  readonly peerId: string | null
  readonly eventId: string
}

const FIELDS = { hash: 'string', datahuburl: 'string', peerid: 'string' } as const

export const subtree = {
  payload: 'subtree',
  hash: 'hash',
  url: 'dataHubUrl',
  header: null,
  isState: false,
  source: {
    topic: 'notifications',
    type: 'Subtree',
    read: (value, { dataHubUrl }) => ({ hash: ownHash('hash', value.hash), dataHubUrl }),
  },
  gossip: { setting: 'subtree', suffix: 'subtree', about: 'subtrees', maxBytes: 32 * 1024, priority: 'high' },
  plain: {
    encode: ({ hash, dataHubUrl }, peerId) => `"Hash":"${hash}","DataHubURL":${goString(dataHubUrl)},"PeerID":${peerId}`,
    decode(data, rules) {
      const { hash, datahuburl, peerid } = readGoObject(data, FIELDS)
      checkUrl(datahuburl, rules)
      return { content: { hash: hashField('Hash', hash), dataHubUrl: datahuburl }, claimedPeerId: peerIdField(peerid) }
    },
  },
  validation: {
    topic: 'subtrees',
    toValue: ({ hash, dataHubUrl }, context): SubtreeAnnouncementValue => ({ hash, url: dataHubUrl, ...context }),
  },
  teranode: { type: 'subtree', members: {} },
  page: { name: 'Subtree', plural: 'Subtrees', title: null, details: [{ property: 'dataHubUrl', format: 'host' }] },
} as const satisfies Kind<Subtree, NotificationValue>
