import { ANNOUNCEMENT_TYPES, type Announcement, type AnnouncementType, announcementOf, contentOf, kindOf } from '../announcement.ts'
import { RefusedError } from '../rules/refusal.ts'
import type { UrlRules } from '../rules/url-rules.ts'
import { decodeBestBlockRequest, MAX_BEST_BLOCK_REQUEST_BYTES } from './best-block.ts'
import type { Dialect, DialectFamily, DialectOptions, HeardContent } from './dialect.ts'
import { goString } from './go-json.ts'
import { type GossipKind, gossipTopics, plainTopicPrefix } from './gossip-topics.ts'
import { decodeHandshake, MAX_HANDSHAKE_BYTES } from './handshake.ts'
import { teranodeNotification, teranodePing } from './teranode-notification.ts'

/** The content of a message, and the peer id it claims to come from. The caller checks whether that is the signer. */
export interface PlainMessage {
  readonly announcement: Announcement
  readonly claimedPeerId: string
}

/** The bytes of an announcement: bare JSON with Go's keys, order and escapes. Undefined for a kind that has no message. */
export function encodePlain(announcement: Announcement, { peerId }: { peerId: string }): Uint8Array | undefined {
  const { plain: form } = kindOf(announcement.type)
  return form === null
    ? undefined
    : Buffer.from(`{${form.encode(contentOf(announcement), { peerId: goString(peerId), clientName: '""' })}}`)
}

/** Throws RefusedError for a message that is malformed or breaks a rule of its fields. Returns hashes in canonical form. */
export function decodePlain(type: AnnouncementType, data: Uint8Array, rules: UrlRules): PlainMessage {
  const { plain: form } = kindOf(type)
  if (form === null) throw new RefusedError('wrong-type', `the dialect has no ${type} messages`)
  const { content, claimedPeerId } = form.decode(data, rules)
  return { announcement: announcementOf(type, content), claimedPeerId }
}

const PLAIN_TYPES = ANNOUNCEMENT_TYPES.filter((type) => kindOf(type).plain !== null)

/** The dialect of older nodes: bare JSON on the topics `bitcoin/<network>-<suffix>`, and a handshake. */
export const plain: DialectFamily = {
  kinds: [...PLAIN_TYPES, 'handshake'],
  urlFault: () => undefined, // these nodes score nobody
  create: createPlain,
}

function createPlain({ network, suffixes, moreSuffixes, ...rules }: DialectOptions): Dialect {
  const kinds = [...PLAIN_TYPES, 'handshake', 'best-block'] as const
  return {
    topics: gossipTopics({ prefix: plainTopicPrefix(network), kinds, suffixes, ...(moreSuffixes && { moreSuffixes }) }),
    isMessageBus: false,
    schemaVersions: {},
    maxBytes: plainMaxBytes,
    decode(kind, data): HeardContent {
      if (kind === 'best-block') return { announcement: undefined, handshake: undefined, claimedPeerId: decodeBestBlockRequest(data) }
      if (kind !== 'handshake') {
        const { announcement, claimedPeerId } = decodePlain(kind, data, rules)
        return { announcement, handshake: undefined, claimedPeerId }
      }
      const handshake = decodeHandshake(data, rules)
      return { announcement: undefined, handshake, claimedPeerId: handshake.peerId }
    },
    // Older nodes look at no URL, so none of theirs breaks a rule of the network.
    isScored: (reason) => !reason.startsWith('url'),
    encode: (announcement, peerId) => encodePlain(announcement, { peerId }),
    sentRate: (kind) => kindOf(kind).plain?.sentRate,
    sendFault: () => undefined,
    notification: teranodeNotification,
    ping: teranodePing,
  }
}

function plainMaxBytes(kind: GossipKind): number {
  if (kind === 'best-block') return MAX_BEST_BLOCK_REQUEST_BYTES
  return kind === 'handshake' ? MAX_HANDSHAKE_BYTES : (kindOf(kind).plain?.maxBytes ?? 0)
}
