import type { AnyKind } from './kinds/kind.ts'
import { KINDS } from './kinds.ts'

export type AnnouncementType = keyof typeof KINDS

type DecodedBy<Form> = Form extends { decode(...given: never[]): { readonly content: infer Content } } ? Content : never
type Content<T extends AnnouncementType> = DecodedBy<(typeof KINDS)[T]['plain'] | (typeof KINDS)[T]['envelope']>

/**
 * An announcement between nodes, in canonical form: hashes are 64 lower-case hex characters in display order
 * (byte-reversed), heights are uint32, and counts that Go keeps as uint64 are bigint.
 */
export type Announcement = {
  [T in AnnouncementType]: { readonly type: T } & { readonly [P in (typeof KINDS)[T]['payload']]: Content<T> }
}[AnnouncementType]

export const ANNOUNCEMENT_TYPES = Object.keys(KINDS) as AnnouncementType[]

const ANY_KIND = KINDS as unknown as Readonly<Record<AnnouncementType, AnyKind>>

/** The row of a kind, for code that treats all kinds alike. */
export function kindOf(type: AnnouncementType): AnyKind {
  return ANY_KIND[type]
}

/** The content of an announcement, for code that treats all kinds alike. */
export function contentOf(announcement: Announcement): Readonly<Record<string, unknown>> {
  return (announcement as unknown as Record<string, Record<string, unknown>>)[kindOf(announcement.type).payload] ?? {}
}

/** The announcement with a content that its kind has created. */
export function announcementOf(type: AnnouncementType, content: object): Announcement {
  const announcement: Record<string, unknown> = { type }
  announcement[kindOf(type).payload] = content
  return announcement as unknown as Announcement
}

/** Hash of the announced block, subtree or transaction. */
export function announcedHash(announcement: Announcement): string {
  return String(contentOf(announcement)[kindOf(announcement.type).hash])
}
