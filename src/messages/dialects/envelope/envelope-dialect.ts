import { ANNOUNCEMENT_TYPES, type Announcement, announcementOf, contentOf, kindOf } from '../../announcement.ts'
import { RefusedError } from '../../rules/refusal.ts'
import type { UrlRules } from '../../rules/url-rules.ts'
import type { Dialect, DialectFamily, DialectOptions, HeardContent, OwnClaims } from '../dialect.ts'
import { goString } from '../go-json.ts'
import { type GossipKind, gossipTopics } from '../gossip-topics.ts'
import { maxEnvelopeBytes, unwrap, wrap } from './envelope.ts'
import { urlText } from './fields.ts'
import { envelopeNotification } from './notification.ts'

const ENVELOPE_TYPES = ANNOUNCEMENT_TYPES.filter((type) => kindOf(type).envelope !== null)
/** Teranode drops such messages without blame: it cannot tell a fault from another version. */
const NOT_SCORED: ReadonlySet<string> = new Set([
  'too-large',
  'not-json',
  'wrong-type',
  'envelope',
  'no-hash',
  'count',
  'url-unclear',
  'url-blacklisted',
])

/**
 * The dialect of today's nodes: a JSON object in an envelope, on the topics `teranode/bitcoin/1.0.0/<network>-<suffix>`. There is no
 * handshake: each node tells its best block in its status.
 */
export const envelope: DialectFamily = { kinds: ENVELOPE_TYPES, urlFault, create: createEnvelope }

function createEnvelope({ network, suffixes, moreSuffixes, allowPrivateUrls, blacklistedHosts, clientName }: DialectOptions): Dialect {
  const rules = { allowPrivateUrls, ...(blacklistedHosts && { blacklistedHosts }) }
  const name = goString(clientName)
  const encodeInner = (announcement: Announcement, peerId: string) => {
    const { envelope: form } = kindOf(announcement.type)
    return form && `{${form.encode(contentOf(announcement), { peerId: goString(peerId), clientName: name })}}`
  }
  return {
    topics: gossipTopics({
      prefix: `teranode/bitcoin/1.0.0/${network}`,
      kinds: ENVELOPE_TYPES,
      suffixes,
      ...(moreSuffixes && { moreSuffixes }),
    }),
    // No release that cannot read this version speaks this dialect, so nobody has to wait until all can.
    isMessageBus: true,
    schemaVersions: { events: 2 },
    maxBytes: (kind) => maxEnvelopeBytes(maxInnerBytes(kind)),
    decode(kind, data): HeardContent {
      return { ...decodeInner(kind, unwrap(data, maxInnerBytes(kind)), rules), handshake: undefined }
    },
    isScored: (reason) => !NOT_SCORED.has(reason),
    encode(announcement, peerId) {
      const inner = encodeInner(announcement, peerId)
      return inner === null ? undefined : wrap(inner, name)
    },
    sentRate: (kind) => kindOf(kind).envelope?.sentRate,
    sendFault(announcement, peerId) {
      const inner = encodeInner(announcement, peerId)
      return inner === null ? undefined : faultOf(announcement.type, Buffer.from(inner), { allowPrivateUrls })
    },
    notification: envelopeNotification,
    ping: () => null,
  }
}

function maxInnerBytes(kind: GossipKind): number {
  return kind === 'handshake' || kind === 'best-block' ? 0 : (kindOf(kind).envelope?.maxBytes ?? 0)
}

function decodeInner(kind: GossipKind, inner: Uint8Array, rules: UrlRules) {
  const form = kind === 'handshake' || kind === 'best-block' ? null : kindOf(kind).envelope
  if (form === null || kind === 'handshake' || kind === 'best-block') throw new RefusedError('wrong-type', `the dialect has no ${kind}`)
  const { content, claimedPeerId } = form.decode(inner, rules)
  return { announcement: announcementOf(kind, content), claimedPeerId }
}

/** The receivers' rules on an own message: their smallest bound on its size, and the rules of its fields. */
function faultOf(type: Announcement['type'], inner: Uint8Array, rules: UrlRules): string | undefined {
  const most = kindOf(type).envelope?.maxSentBytes ?? 0
  if (inner.length > most) return `it has ${inner.length} bytes, and some nodes read ${most} at most`
  try {
    decodeInner(type, inner, rules)
    return undefined
  } catch (error) {
    if (error instanceof RefusedError) return error.message
    throw error
  }
}

function urlFault({ dataHubUrl, allowPrivateUrls }: OwnClaims): string | undefined {
  try {
    urlText(dataHubUrl, { allowPrivateUrls })
    return undefined
  } catch (error) {
    if (error instanceof RefusedError) return error.message
    throw error
  }
}
