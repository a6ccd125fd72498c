import type { Clock } from '../../lifecycle/clock.ts'
import { type Announcement, announcementOf, contentOf, kindOf } from '../../messages/announcement.ts'

export interface BelievedHeightsOptions {
  /** `max_height_lead`. */
  readonly maxLead: number
}

/** A height that is not believed. */
export interface CappedHeight {
  readonly peerId: string
  readonly announced: number
  readonly believed: number
}

export interface BelievedHeightsDeps {
  /** Undefined while unknown: then it counts as 0, as in Teranode, and nobody is named in a warning. */
  readonly ownHeight: () => number | undefined
  readonly onCapped: (type: string) => void
  /** Called once per peer and hour. */
  readonly onWarning: (capped: CappedHeight) => void
  readonly clock: Pick<Clock, 'steady'>
}

const WARN_EACH_MS = 3_600_000
const MAX_PEERS = 10_000

/**
 * Caps the heights that peers announce. Nobody can check them, and one peer that announces a height of four billion would be taken for
 * the best peer of all.
 */
export class BelievedHeights {
  readonly #maxLead: number
  readonly #deps: BelievedHeightsDeps
  /** When a warning named a peer; the oldest first. */
  readonly #warnedAt = new Map<string, number>()

  constructor({ maxLead }: BelievedHeightsOptions, deps: BelievedHeightsDeps) {
    this.#maxLead = maxLead
    this.#deps = deps
  }

  /** The announcement with the height that we believe, and with the announced one if that is another. */
  ofAnnouncement(announcement: Announcement, peerId: string): Announcement {
    const { type } = announcement
    const { height } = kindOf(type)
    if (height === null) return announcement
    const content = contentOf(announcement)
    const { believed, announced } = this.of(type, Number(content[height]), peerId)
    return announced === null ? announcement : announcementOf(type, { ...content, [height]: believed, announcedHeight: announced })
  }

  /** The height that we believe, and the announced one if that is another. */
  of(type: string, height: number, peerId: string): { believed: number; announced: number | null } {
    const own = this.#deps.ownHeight()
    const most = (own ?? 0) + this.#maxLead
    if (height <= most) return { believed: height, announced: null }
    this.#deps.onCapped(type)
    if (own !== undefined) this.#warn({ peerId, announced: height, believed: most })
    return { believed: most, announced: height }
  }

  #warn(capped: CappedHeight): void {
    const now = this.#deps.clock.steady()
    const at = this.#warnedAt.get(capped.peerId)
    if (at !== undefined && now - at < WARN_EACH_MS) return
    this.#warnedAt.delete(capped.peerId)
    this.#warnedAt.set(capped.peerId, now)
    const [oldest] = this.#warnedAt.keys()
    if (this.#warnedAt.size > MAX_PEERS && oldest !== undefined) this.#warnedAt.delete(oldest)
    this.#deps.onWarning(capped)
  }
}
