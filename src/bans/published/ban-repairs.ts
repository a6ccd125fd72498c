import type { Ban } from '../ban.ts'
import type { PublishedBans } from './read-ban-topic.ts'

/** The state that a key of the topic should have. Null is a tombstone. */
export interface BanRepair {
  readonly key: string
  readonly ban: Ban | null
}

/** The differences between the topic of current bans and the list in the store. */
export function repairsOf(bans: readonly Ban[], { entries }: PublishedBans): BanRepair[] {
  const repairs: BanRepair[] = []
  const wanted = new Map(bans.map((ban) => [ban.key, ban]))
  for (const [key, ban] of wanted) {
    const entry = entries.get(key)
    if (!entry?.ban || !entry.isLast || !isSame(entry.ban, ban)) repairs.push({ key, ban })
  }
  for (const [key, { ban, isLast }] of entries) {
    if (!wanted.has(key) && (ban || !isLast)) repairs.push({ key, ban: null })
  }
  return repairs
}

/** Why the topic cannot stand in for the store; undefined when it can. */
export function incompleteness(topic: string, { entries, bans, marker, isComplete }: PublishedBans): string | undefined {
  if (isComplete) return undefined
  if (!marker && entries.size === 0) return `the topic ${topic} is empty: it was created anew, or no bridge has filled it yet`
  if (!marker) return `no bridge has confirmed that the topic ${topic} holds the whole list`
  return `the topic ${topic} holds ${bans.length} bans where ${marker.entries} were confirmed: records were lost`
}

/** The published list, if it can stand in for the store: an incomplete list would admit banned peers. Throws otherwise. */
export function wholeList(topic: string, published: PublishedBans): readonly Ban[] {
  const gap = incompleteness(topic, published)
  if (gap !== undefined) throw new Error(gap)
  return published.bans
}

function isSame(left: Ban, right: Ban): boolean {
  return left.until === right.until && left.reason === right.reason && left.since === right.since && left.cause === right.cause
}
