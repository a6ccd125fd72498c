import { type Announcement, type AnnouncementType, announcementOf, contentOf, kindOf } from '../announcement.ts'
import type { UrlRules } from '../rules/url-rules.ts'
import { goString } from './go-json.ts'

/** The content of a message, and the peer id it claims to come from. The caller checks whether that is the signer. */
export interface PlainMessage {
  readonly announcement: Announcement
  readonly claimedPeerId: string
}

/** The bytes of an announcement in the dialect `plain`: bare JSON with Go's keys, order and escapes. */
export function encodePlain(announcement: Announcement, { peerId }: { peerId: string }): Uint8Array {
  return Buffer.from(`{${kindOf(announcement.type).plain.encode(contentOf(announcement), goString(peerId))}}`)
}

/** Throws RefusedError for a message that is malformed or breaks a rule of its fields. Returns hashes in canonical form. */
export function decodePlain(type: AnnouncementType, data: Uint8Array, rules: UrlRules): PlainMessage {
  const { content, claimedPeerId } = kindOf(type).plain.decode(data, rules)
  return { announcement: announcementOf(type, content), claimedPeerId }
}
