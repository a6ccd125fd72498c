import { dropOldest } from '../../lifecycle/bounds/drop-oldest.ts'
import type { Clock } from '../../lifecycle/clock.ts'
import { type Announcement, announcedHash, kindOf } from '../../messages/announcement.ts'

export interface AnnouncedOptions {
  /** How long an announcement is remembered. */
  readonly windowMs: number
  readonly maxHashes?: number
}

/**
 * What this bridge has announced to peers of other nodes, by this instance or by a sibling that was heard: a hash is announced once. A
 * network lets few peers announce one hash, and an instance that repeats its sibling takes the place of somebody else.
 *
 * A state may be announced again, so none is remembered.
 */
export class Announced {
  readonly #windowMs: number
  readonly #maxHashes: number
  readonly #clock: Pick<Clock, 'steady'>
  /** When each was announced, by kind and hash; the oldest first. */
  readonly #at = new Map<string, number>()

  constructor({ windowMs, maxHashes = 50_000 }: AnnouncedOptions, { clock }: { clock: Pick<Clock, 'steady'> }) {
    this.#windowMs = windowMs
    this.#maxHashes = maxHashes
    this.#clock = clock
  }

  add(announcement: Announcement): void {
    if (kindOf(announcement.type).stateOf !== null) return
    const key = keyOf(announcement)
    this.#at.delete(key)
    this.#at.set(key, this.#clock.steady())
    dropOldest(this.#at, this.#maxHashes)
  }

  has(announcement: Announcement): boolean {
    const at = this.#at.get(keyOf(announcement))
    return at !== undefined && this.#clock.steady() - at < this.#windowMs
  }
}

function keyOf(announcement: Announcement): string {
  return `${announcement.type} ${announcedHash(announcement)}`
}
