import { isLive } from './ban.ts'
import type { BanDecision, BanRequest, ListState } from './ports.ts'

/**
 * What a request does to the list: the one rule for all stores. The same ban again is no change, a renewal keeps the beginning, and a
 * ban whose time is over by the store's clock changes nothing.
 */
export function applyBan(request: BanRequest, cause: string, { old, entries, maxEntries, now }: ListState): BanDecision {
  const { action, key, until, reason } = request
  if (action === 'clear') return { changed: entries > 0, ban: null, room: 0 }
  if (action === 'remove') return { changed: old !== undefined, ban: null, room: 0 }
  const live = old && isLive(old, now) ? old : undefined
  const isSame = live !== undefined && live.until === until && live.reason === reason
  if (isSame || !isLive({ until }, now)) return { changed: false, ban: null, room: 0 }
  const ban = { key, until, reason, since: live?.since ?? now, cause }
  return { changed: true, ban, room: old ? 0 : Math.max(0, entries - maxEntries + 1) }
}

/** The audit's words for what happens without a request. */
export const LIST_FULL = 'the list is full: the oldest expiry makes room'
export const TIME_OVER = 'its time is over'
