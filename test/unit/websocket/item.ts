import type { FeedItem } from '../../../src/websocket/feed/feed-item.ts'

/** A feed item of which only the offset matters. */
export function item(offset: bigint, changes: Partial<FeedItem> = {}): FeedItem {
  return {
    offset,
    cursor: `v1.${offset}.00000000`,
    id: `id-${offset}`,
    type: 'block',
    size: (changes.frame ?? `frame-${offset}`).length,
    frame: `frame-${offset}`,
    bytes: Buffer.from(changes.frame ?? `frame-${offset}`),
    teranode: null,
    facts: { peerId: null, origin: 'network', height: null, hash: null },
    ...changes,
  }
}
