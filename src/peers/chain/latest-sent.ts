import { type Announcement, type AnnouncementType, contentOf, kindOf } from '../../messages/announcement.ts'

/** An announcement that is published, and its message. */
export interface SentState {
  readonly announcement: Announcement
  readonly data: Uint8Array
  /** When the node announced it, in milliseconds; not after the present, so that a clock that is ahead does not make it the latest for long. */
  readonly at: number
}

/**
 * The latest state of each kind that was published. The in-topic has several partitions, so of a backlog an earlier state may be
 * published after a later one.
 */
export class LatestSent {
  readonly #latest = new Map<AnnouncementType, SentState>()

  /** The state that the node announced later than this one; undefined if this is the latest, or no state. */
  laterThan(sent: SentState): SentState | undefined {
    const { type } = sent.announcement
    if (kindOf(type).stateOf === null) return undefined
    const latest = this.#latest.get(type)
    if (latest && isEarlier(sent, latest)) return latest
    this.#latest.set(type, sent)
    return undefined
  }
}

/** Whether the node announced a state before another one. A greater height is news even if the node's clock was set back. */
export function isEarlier(state: SentState, other: SentState): boolean {
  return state.at < other.at && heightOf(state) <= heightOf(other)
}

function heightOf({ announcement }: SentState): number {
  const { height } = kindOf(announcement.type)
  return height === null ? 0 : Number(contentOf(announcement)[height])
}
