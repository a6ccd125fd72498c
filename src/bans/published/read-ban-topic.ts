import { RetryLaterError } from '../../messages/errors.ts'
import type { Ban } from '../ban.ts'
import { parseBanKey } from '../ban-key.ts'
import { type Unusable, UnusableEntries } from '../unusable.ts'
import { MARKER_KEY, type Marker, revisionOf, toMarker } from './published-ban.ts'

export interface ReadBanTopicDeps {
  /** One for each partition of the compacted topic of current bans. */
  readonly readers: readonly BanTopicReader[]
  /** Waits while nobody has said yet what the value's schema is. */
  readonly decode: (value: Buffer) => Ban | Promise<Ban>
  /** Told once of the records that are no valid bans, if there are any. They are skipped. */
  readonly onUnreadable: (unusable: Unusable) => void
}

export interface BanTopicReader {
  bounds(): Promise<{ low: bigint; high: bigint }>
  /** `next` is greater than `from` until the end of the partition. */
  read(from: bigint): Promise<{ records: readonly BanTopicRecord[]; next: bigint }>
}

export interface BanTopicRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
}

/** The state of one key in the topic. */
export interface PublishedEntry {
  /** Null if the ban was lifted. */
  readonly ban: Ban | null
  readonly revision: number | undefined
  /** False if an instance that was cut off wrote an older state after it. Compaction would keep the older state. */
  readonly isLast: boolean
}

export interface PublishedBans {
  readonly entries: ReadonlyMap<string, PublishedEntry>
  readonly bans: readonly Ban[]
  /** The newest marker. Undefined if no bridge with a database has ever confirmed that the list is whole. */
  readonly marker: Marker | undefined
  /** True if the marker exists and none of the entries that it counted is missing. */
  readonly isComplete: boolean
  /** The highest revision in the topic. */
  readonly revision: number
  readonly end: bigint
}

/** The last published ban list, read up to the current end of the topic. For each key, the record with the highest revision wins. */
export async function readBanTopic({ readers, decode, onUnreadable }: ReadBanTopicDeps): Promise<PublishedBans> {
  const entries = new Map<string, PublishedEntry>()
  const unusable = new UnusableEntries()
  let marker: Marker | undefined
  let end = 0n
  for (const reader of readers) {
    const { low, high } = await reader.bounds()
    end = high
    for await (const { key, value, headers } of recordsBetween(reader, low, high)) {
      const name = key?.toString('utf8') ?? ''
      if (name === MARKER_KEY) marker = newer(marker, toMarker(headers))
      else {
        const ban = value === null ? null : await readable(name, () => decode(value), unusable)
        if (ban !== undefined) entries.set(name, winner(entries.get(name), { ban, revision: revisionOf(headers), isLast: true }))
        else entries.delete(name)
      }
    }
  }
  unusable.tell(onUnreadable)
  const bans = [...entries.values()].flatMap(({ ban }) => (ban ? [ban] : []))
  return { entries, bans, marker, isComplete: isWhole(entries, marker), revision: highest(entries, marker?.revision ?? 0), end }
}

/** A record that a former primary wrote late has a lower revision than the record before it, and is ignored. */
function winner(before: PublishedEntry | undefined, after: PublishedEntry): PublishedEntry {
  const isStale = before?.revision !== undefined && after.revision !== undefined && after.revision < before.revision
  return isStale ? { ...before, isLast: false } : after
}

function newer(before: Marker | undefined, after: Marker | undefined): Marker | undefined {
  return after && (!before || after.revision >= before.revision) ? after : before
}

/** The marker may or may not have counted an entry that changed since. All entries that have not changed must be present. */
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

async function readable(name: string, decode: () => Ban | Promise<Ban>, unusable: UnusableEntries): Promise<Ban | undefined> {
  try {
    const ban = await decode()
    return { ...ban, key: parseBanKey(ban.key).text }
  } catch (error) {
    // A ban that cannot be read yet is no reason to let somebody in.
    if (error instanceof RetryLaterError) throw error
    unusable.add(name, error)
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
