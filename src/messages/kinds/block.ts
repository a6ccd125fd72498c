import { displayText, hashText, headerText, peerIdText, urlText } from '../dialects/envelope/fields.ts'
import { goString, readGoObject } from '../dialects/go-json.ts'
import { hashField, headerField, peerIdField } from '../rules/field-rules.ts'
import { checkUrl } from '../rules/url-rules.ts'
import type { Heard, Kind } from './kind.ts'
import { type NotificationValue, ownHash, ownHeader, ownHeight } from './notification.ts'

export interface Block {
  readonly hash: string
  /** What we believe: at most so much above the own tip as `max_height_lead` allows. */
  readonly height: number
  /** The height that the sender announced, if it is not `height`. */
  readonly announcedHeight?: number | null
  /** The 80-byte header as 160 hex characters, if the sender gave it. */
  readonly header: string | null
  /** Base URL from which the block's data can be fetched. */
  readonly dataHubUrl: string
  /** The name of the sender, in dialects that tell it. */
  readonly clientName?: string | null
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

const FIELDS = {
  hash: 'string',
  height: 'uint32',
  datahuburl: 'string',
  peerid: 'string',
  header: 'string',
  clientname: 'string',
} as const

export const block = {
  payload: 'block',
  hash: 'hash',
  url: 'dataHubUrl',
  height: 'height',
  header: 'header',
  stateOf: null,
  source: {
    topic: 'notifications',
    type: 'Block',
    read: (value, { dataHubUrl, clientName }) => ({
      hash: ownHash('hash', value.hash),
      height: ownHeight(value),
      header: ownHeader(value.header),
      dataHubUrl,
      clientName,
    }),
  },
  gossip: { setting: 'block', suffix: 'block', about: 'blocks', priority: 'high' },
  plain: {
    maxBytes: 32 * 1024,
    maxSentBytes: 32 * 1024,
    encode({ hash, height, header, dataHubUrl }, { peerId }) {
      const base = `"Hash":"${hash}","Height":${height},"DataHubURL":${goString(dataHubUrl)},"PeerID":${peerId}`
      // Nodes that know headers also write an empty Coinbase. Older nodes write and read neither.
      return header === null ? base : `${base},"Header":"${header}","Coinbase":""`
    },
    decode(data, rules): Heard<Block> {
      const { hash, height, datahuburl: dataHubUrl, peerid, header } = readGoObject(data, FIELDS)
      const content = { hash: hashField('Hash', hash), height, header: headerField(header), dataHubUrl }
      checkUrl(dataHubUrl, rules)
      return { content, claimedPeerId: peerIdField(peerid) }
    },
  },
  envelope: {
    maxBytes: 32 * 1024,
    maxSentBytes: 10_000,
    encode: ({ hash, height, header, dataHubUrl }, { peerId, clientName }) =>
      `"PeerID":${peerId},"ClientName":${clientName},"DataHubURL":${goString(dataHubUrl)},` +
      `"Hash":"${hash}","Height":${height},"Header":"${header ?? ''}","Coinbase":""`,
    decode(data, rules): Heard<Block> {
      const { hash, height, datahuburl, peerid, header, clientname } = readGoObject(data, FIELDS)
      const dataHubUrl = urlText(datahuburl, rules)
      const clientName = displayText(clientname)
      const content = { hash: hashText('Hash', hash), height, header: headerText(header), dataHubUrl, clientName }
      return { content, claimedPeerId: peerIdText(peerid) }
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
  teranode: { type: 'block', members: { hash: 'hash', base_url: 'dataHubUrl', height: 'height', client_name: 'clientName' } },
  page: {
    name: 'Block',
    plural: 'Blocks',
    title: { property: 'height', format: 'height' },
    details: [{ property: 'dataHubUrl', format: 'host' }],
  },
} as const satisfies Kind<Block, NotificationValue>
