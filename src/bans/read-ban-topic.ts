import type { Ban } from './ban.ts'
import { parseBanKey } from './ban-key.ts'
import { MARKER_KEY, type Marker, revisionOf, toMarker } from './published-ban.ts'

export interface ReadBanTopicDeps {
  /** One for each partition of the compacted topic of current bans. */
  readonly readers: readonly BanTopicReader[]
  readonly decode: (value: Buffer) => Ban
  /** Hears of a record that is no ban; it is passed over. */
  readonly onUnreadable: (key: string, error: unknown) => void
}

export interface BanTopicReader {
  bounds(): Promise<{ low: bigint; high: bigint }>
  /** `next` is greater than `from` while there is more. */
  read(from: bigint): Promise<{ records: readonly BanTopicRecord[]; next: bigint }>
}

export interface BanTopicRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
}

/** How one key stands in the topic. */
export interface PublishedEntry {
  /** Null where the ban was lifted. */
  readonly ban: Ban | null
  readonly revision: number | undefined
  /** False where an older state was written behind it, by an instance that was cut off: compaction would keep that one. */
  readonly isLast: boolean
}

export interface PublishedBans {
  readonly entries: ReadonlyMap<string, PublishedEntry>
  readonly bans: readonly Ban[]
  /** The newest marker; undefined where no bridge with a database has ever said that the list is whole. */
  readonly marker: Marker | undefined
  /** True when the marker is there and nothing of what it counted is missing. */
  readonly isComplete: boolean
  /** The highest revision in the topic. */
  readonly revision: number
  readonly end: bigint
}

/** The ban list as it was last published, up to the end of the topic as it is now: of each key the record of the highest revision. */
export async function readBanTopic({ readers, decode, onUnreadable }: ReadBanTopicDeps): Promise<PublishedBans> {
  const entries = new Map<string, PublishedEntry>()
  let marker: Marker | undefined
  let end = 0n
  for (const reader of readers) {
    const { low, high } = await reader.bounds()
    end = high
    for await (const { key, value, headers } of recordsBetween(reader, low, high)) {
      const name = key?.toString('utf8') ?? ''
      if (name === MARKER_KEY) marker = newer(marker, toMarker(headers))
      else {
        const ban = value === null ? null : readable(name, () => decode(value), onUnreadable)
        if (ban !== undefined) entries.set(name, winner(entries.get(name), { ban, revision: revisionOf(headers), isLast: true }))
        else entries.delete(name)
      }
    }
  }
  const bans = [...entries.values()].flatMap(({ ban }) => (ban ? [ban] : []))
  return { entries, bans, marker, isComplete: isWhole(entries, marker), revision: highest(entries, marker?.revision ?? 0), end }
}

/** A record that a former primary wrote late has a lower revision than what it follows, and changes nothing. */
function winner(before: PublishedEntry | undefined, after: PublishedEntry): PublishedEntry {
  const isStale = before?.revision !== undefined && after.revision !== undefined && after.revision < before.revision
  return isStale ? { ...before, isLast: false } : after
}

function newer(before: Marker | undefined, after: Marker | undefined): Marker | undefined {
  return after && (!before || after.revision >= before.revision) ? after : before
}

/** Entries that changed since the marker may have been among those that it counted, or not; what has never changed must be there. */
function isWhole(entries: ReadonlyMap<string, PublishedEntry>, marker: Marker | undefined): boolean {
  if (!marker) return false
  let found = 0
  for (const { ban, revision } of entries.values()) {
    const hasChangedSince = revision === undefined || revision > marker.revision
    if (ban || hasChangedSince) found += 1
  }
  return found >= marker.entries
}

function highest(entries: ReadonlyMap<string, PublishedEntry>, least: number): number {
  let revision = least
  for (const entry of entries.values()) revision = Math.max(revision, entry.revision ?? 0)
  return revision
}

function readable(name: string, decode: () => Ban, onUnreadable: ReadBanTopicDeps['onUnreadable']): Ban | undefined {
  try {
    const ban = decode()
    return { ...ban, key: parseBanKey(ban.key).text }
  } catch (error) {
    onUnreadable(name, error)
    return undefined
  }
}

async function* recordsBetween(reader: BanTopicReader, low: bigint, high: bigint): AsyncGenerator<BanTopicRecord> {
  for (let from = low; from < high; ) {
    const { records, next } = await reader.read(from)
    if (next <= from) throw new Error(`the topic of current bans gives nothing from offset ${from} on, though it ends at ${high}`)
    yield* records
    from = next
  }
}
