import { ANNOUNCEMENT_TYPES, type AnnouncementType, kindOf } from './announcement.ts'
import type { GossipTopics } from './dialects/gossip-topics.ts'
import type { PageRow } from './kinds/kind.ts'

/** The dashboard's description of a kind. */
export interface KindRow extends PageRow {
  readonly type: AnnouncementType
  readonly payload: string
  readonly hash: string
}

/** One row for each kind of announcement, in the order of the table. */
export const KIND_ROWS: readonly KindRow[] = ANNOUNCEMENT_TYPES.map((type) => {
  const { payload, hash, page } = kindOf(type)
  return { type, payload, hash, ...page }
})

/** The rows of the kinds that can occur: own ones, and those that peers announce. The server hands them to the page as data/kind-rows.js. */
export function kindRows({ nameOf }: GossipTopics): readonly KindRow[] {
  return KIND_ROWS.filter(({ type }) => kindOf(type).source !== null || nameOf[type] !== '')
}
