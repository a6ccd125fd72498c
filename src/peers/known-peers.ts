import { Listeners } from '../lifecycle/listeners.ts'
import { type Announcement, contentOf, kindOf } from '../messages/announcement.ts'
import type { KnownPeers } from './ports.ts'

export interface KnownPeersOptions {
  /** Bound on the peers that are known for their announcements. The one that was useful longest ago goes first. */
  readonly maxUseful?: number
}

const MAX_USEFUL = 1000

export interface ListedPeers extends KnownPeers {
  /** Call for each peer of the settings. */
  list(peerId: string): void
  /** The settings have been read again: these are all that they name now. */
  relist(peerIds: readonly string[]): void
}

/**
 * The peers that are worth a place: those of the settings, and those that announced a block with proof of work. Other announcements
 * cost a stranger nothing, so they make nobody known.
 */
export function createKnownPeers({ maxUseful = MAX_USEFUL }: KnownPeersOptions = {}): ListedPeers {
  const listed = new Set<string>()
  /** The one that was useful last stands last. */
  const useful = new Set<string>()
  const news = new Listeners<string>()
  const unlisted = new Listeners<string>()

  function dropOldest(): void {
    const [oldest] = useful
    if (useful.size <= maxUseful || oldest === undefined) return
    useful.delete(oldest)
    if (!listed.has(oldest)) unlisted.emit(oldest)
  }

  function list(peerId: string): void {
    if (listed.has(peerId)) return
    listed.add(peerId)
    news.emit(peerId)
  }

  return {
    has: (peerId) => listed.has(peerId) || useful.has(peerId),
    all: () => [...new Set([...listed, ...useful])],
    list,
    relist(peerIds) {
      const before = [...listed]
      const now = new Set(peerIds)
      for (const peerId of before) {
        if (now.has(peerId)) continue
        listed.delete(peerId)
        unlisted.emit(peerId)
      }
      now.forEach(list)
    },
    announced(announcement, peerId) {
      if (!hasProofOfWork(announcement)) return
      const isNew = !listed.has(peerId) && !useful.has(peerId)
      useful.delete(peerId)
      useful.add(peerId)
      dropOldest()
      if (isNew) news.emit(peerId)
    },
    onNew: (listener) => news.add(listener),
    onUnlisted: (listener) => unlisted.add(listener),
  }
}

function hasProofOfWork(announcement: Announcement): boolean {
  const { header } = kindOf(announcement.type)
  return header !== null && typeof contentOf(announcement)[header] === 'string'
}
