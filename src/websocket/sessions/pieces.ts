import type { Subscription } from '../clients/client-message.ts'
import type { FeedItem } from '../feed/feed-item.ts'
import { passes } from '../feed/filter.ts'

/** Events that are sent in one go. */
export interface Piece {
  readonly items: readonly FeedItem[]
  /** The types that occur. */
  readonly types: ReadonlySet<string>
}

/** Bytes sent before a replay waits for its client to read, and for its next turn. */
export const PIECE_BYTES = 64 * 1024

/** Replays that are near each other get the same lists from the history, so each list is cut once for all of them. */
export class Pieces {
  readonly #cut = new WeakMap<readonly FeedItem[], readonly Piece[]>()

  of(items: readonly FeedItem[]): readonly Piece[] {
    const known = this.#cut.get(items)
    if (known) return known
    const pieces = cut(items)
    this.#cut.set(items, pieces)
    return pieces
  }
}

function cut(items: readonly FeedItem[]): Piece[] {
  const pieces: Piece[] = []
  let start = 0
  let bytes = 0
  for (const [index, item] of items.entries()) {
    bytes += item.size
    if (bytes < PIECE_BYTES && index < items.length - 1) continue
    pieces.push(pieceOf(items.slice(start, index + 1)))
    start = index + 1
    bytes = 0
  }
  return pieces
}

export function pieceOf(items: readonly FeedItem[]): Piece {
  return { items, types: new Set(items.map(({ type }) => type)) }
}

/** The events of a piece that a client wants. */
export function wantedOf({ items, types }: Piece, subscription: Pick<Subscription, 'types' | 'filter'>): readonly FeedItem[] {
  const { filter } = subscription
  if (filter === null && [...types].every((type) => subscription.types.has(type))) return items
  return items.filter((item) => subscription.types.has(item.type) && (filter === null || passes(filter, item)))
}
