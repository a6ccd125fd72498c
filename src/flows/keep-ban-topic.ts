import type { Ban } from '../bans/ban.ts'
import type { BanSnapshot, ListStanding } from '../bans/ports.ts'
import { repairsOf } from '../bans/published/ban-repairs.ts'
import type { Marker } from '../bans/published/published-ban.ts'
import type { PublishedBans } from '../bans/published/read-ban-topic.ts'
import type { Clock } from '../lifecycle/clock.ts'
import type { PublishedBansWriter } from './write-published-bans.ts'

export interface KeepBanTopicDeps {
  readonly clock: Pick<Clock, 'steady'>
  /** The list in the store. */
  readonly load: () => Promise<BanSnapshot>
  readonly standing: () => Promise<ListStanding>
  /** Raises the list's revision to at least this one. */
  readonly raiseRevision: (revision: number) => Promise<void>
  readonly readTopic: () => Promise<PublishedBans>
  readonly bounds: () => Promise<{ low: bigint; high: bigint }>
  readonly writer: PublishedBansWriter
  readonly onRepaired: (records: number) => void
}

const CHECK_EACH_MS = 20_000
const WRITES_AT_ONCE = 500

/**
 * Keeps the topic of current bans equal to the store, whatever happens to the topic. It compares them when this instance becomes the
 * primary, whenever the topic has records that it did not write itself, and when the store's revision goes back. It then corrects missing and wrong entries, and marks the
 * topic as whole. Only for a bridge with a database.
 */
export class KeepBanTopic {
  readonly #deps: KeepBanTopicDeps
  /** The end of the topic if only this instance has written since the comparison. Undefined: compare again. */
  #end: bigint | undefined
  #low = 0n
  #markedRevision = -1
  /** The highest revision that this instance has written or marked; and what it was at the last check. */
  #highest = -1
  #checkedRevision = -1
  #checkedAt = Number.NEGATIVE_INFINITY

  constructor(deps: KeepBanTopicDeps) {
    this.#deps = deps
  }

  /** Writes an entry or, with null, a tombstone. Resolves when acknowledged. */
  async write(key: string, ban: Ban | null, revision: number): Promise<void> {
    await this.#put(key, ban, revision)
    // Revisions only grow, unless the database was restored from a backup meanwhile.
    if (revision <= this.#checkedRevision) this.#end = undefined
    this.#highest = Math.max(this.#highest, revision)
  }

  /**
   * Call it often while this instance is the primary and has published all changes. It acts at most three times a minute, and at once
   * if `isNew`: another instance was the primary before.
   */
  async check({ isNew = false } = {}): Promise<void> {
    const { clock, bounds } = this.#deps
    if (isNew) this.#forget()
    if (clock.steady() - this.#checkedAt < CHECK_EACH_MS) return
    const { low, high } = await bounds()
    if (high !== this.#end || low !== this.#low) await this.#compare()
    else await this.#mark()
    this.#checkedRevision = this.#highest
    this.#checkedAt = clock.steady()
  }

  #forget(): void {
    this.#end = undefined
    this.#checkedAt = Number.NEGATIVE_INFINITY
  }

  async #compare(): Promise<void> {
    const { load, raiseRevision, readTopic, bounds, onRepaired } = this.#deps
    const topic = await readTopic()
    let list = await load()
    if (topic.revision > list.revision) {
      // The database was restored from a backup: its new changes need higher revisions than the old ones in the topic. One more than
      // these, so that no instance takes its own list, of the time before, for the current one.
      await raiseRevision(topic.revision + 1)
      list = await load()
    }
    this.#low = (await bounds()).low
    this.#end = topic.end
    const repairs = repairsOf(list.bans, topic)
    for (let from = 0; from < repairs.length; from += WRITES_AT_ONCE) {
      await Promise.all(repairs.slice(from, from + WRITES_AT_ONCE).map(({ key, ban }) => this.#put(key, ban, list.revision)))
    }
    if (repairs.length > 0) onRepaired(repairs.length)
    const marker = { revision: list.revision, entries: list.bans.length }
    this.#highest = list.revision
    const isMarked = topic.isComplete && topic.marker?.revision === marker.revision && topic.marker.entries === marker.entries
    if (isMarked) this.#markedRevision = marker.revision
    else await this.#writeMarker(marker)
  }

  async #mark(): Promise<void> {
    const { revision, entries, unpublished } = await this.#deps.standing()
    if (revision < this.#highest) await this.#compare()
    else if (unpublished === 0 && revision !== this.#markedRevision) await this.#writeMarker({ revision, entries })
  }

  async #put(key: string, ban: Ban | null, revision: number): Promise<void> {
    this.#wrote(await this.#deps.writer.write(key, ban, revision))
  }

  async #writeMarker(marker: Marker): Promise<void> {
    this.#wrote(await this.#deps.writer.writeMarker(marker))
    this.#markedRevision = marker.revision
    this.#highest = Math.max(this.#highest, marker.revision)
  }

  /** An unexpected offset means that somebody else has written, or that the topic was created again. */
  #wrote(offset: bigint): void {
    this.#end = offset === this.#end ? offset + 1n : undefined
  }
}
