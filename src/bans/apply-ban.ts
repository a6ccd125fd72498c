import { isLive } from './ban.ts'
import type { BanDecision, BanRequest, ListState } from './ports.ts'

/**
 * The rule by which all stores apply a request. The same ban again changes nothing. A renewal keeps `since`. A ban that has already
 * expired by the store's clock changes nothing.
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

/** Reasons in the audit for changes without a request. */
export const LIST_FULL = 'the list is full: the oldest expiry makes room'
export const TIME_OVER = 'its time is over'
