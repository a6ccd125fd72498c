import { goString, readGoObject } from '../dialects/go-json.ts'
import { hashField, headerField, peerIdField } from '../rules/field-rules.ts'
import { checkUrl } from '../rules/url-rules.ts'
import type { Kind } from './kind.ts'
import { type NotificationValue, ownHash, ownHeader, ownHeight } from './notification.ts'

export interface Block {
  readonly hash: string
  readonly height: number
  /** The 80-byte header as 160 hex characters, if the sender gave it. */
  readonly header: string | null
  /** Base URL from which the block's data can be fetched. */
  readonly dataHubUrl: string
}

/** Value of the out-topic `blocks`. */
export interface BlockAnnouncementValue {
  readonly hash: string
  readonly url: string
  readonly peerId: string | null
  readonly height: number | null
  readonly header: string | null
  readonly eventId: string
}

const FIELDS = { hash: 'string', height: 'uint32', datahuburl: 'string', peerid: 'string', header: 'string' } as const

export const block = {
  payload: 'block',
  hash: 'hash',
  url: 'dataHubUrl',
  header: 'header',
  isState: false,
  source: {
    topic: 'notifications',
    type: 'Block',
    read: (value, { dataHubUrl }) => ({
      hash: ownHash('hash', value.hash),
      height: ownHeight(value),
      header: ownHeader(value.header),
      dataHubUrl,
    }),
  },
  gossip: { setting: 'block', suffix: 'block', about: 'blocks', maxBytes: 32 * 1024, priority: 'high' },
  plain: {
    encode({ hash, height, header, dataHubUrl }, peerId) {
      const base = `"Hash":"${hash}","Height":${height},"DataHubURL":${goString(dataHubUrl)},"PeerID":${peerId}`
      // Nodes that know headers also write an empty Coinbase. Older nodes write and read neither.
      return header === null ? base : `${base},"Header":"${header}","Coinbase":""`
    },
    decode(data, rules) {
      const { hash, height, datahuburl, peerid, header } = readGoObject(data, FIELDS)
      const content = { hash: hashField('Hash', hash), height, header: headerField(header), dataHubUrl: datahuburl }
      checkUrl(datahuburl, rules)
      return { content, claimedPeerId: peerIdField(peerid) }
    },
  },
  validation: {
    topic: 'blocks',
    toValue: ({ hash, height, header, dataHubUrl }, context): BlockAnnouncementValue => ({
      hash,
      url: dataHubUrl,
      height,
      header,
      ...context,
    }),
  },
  teranode: { type: 'block', members: { height: 'height' } },
  page: {
    name: 'Block',
    plural: 'Blocks',
    title: { property: 'height', format: 'height' },
    details: [{ property: 'dataHubUrl', format: 'host' }],
  },
} as const satisfies Kind<Block, NotificationValue>
