import type { Ban } from '../bans/ban.ts'
import type { BanCommand } from '../bans/ban-command.ts'
import type { BanOrigin } from '../bans/ban-origin.ts'
import type { BanOutcome, BanQuota } from '../bans/ports.ts'
import type { ScoreBan } from './scores.ts'

export interface ScoreBansDeps {
  /** The ban of a peer, if it has one. */
  readonly find: (peerId: string) => Ban | undefined
  readonly apply: (command: BanCommand, origin: BanOrigin) => Promise<Pick<BanOutcome, 'isOverQuota'>>
  /** See ban-breaker.ts. */
  readonly breaker: (peerId: string) => BanQuota
  /** The store's time, in milliseconds since the epoch. */
  readonly now: () => number
}

/** Bans by score, through the same door as all others. Resolves with false if the breaker stops the ban. A ban that ends later, such as an operator's, is not shortened. */
export function scoreBans({ find, apply, breaker, now }: ScoreBansDeps): (ban: ScoreBan) => Promise<boolean> {
  return async ({ peerId, durationSeconds, reason, cause, evidence }) => {
    const old = find(peerId)
    if (old && (old.until === null || old.until > now() + durationSeconds * 1000)) return true
    const origin = { door: 'score', who: null, cause, evidence, quota: breaker(peerId) } as const
    const { isOverQuota } = await apply({ action: 'add', key: peerId, durationSeconds, reason }, origin)
    return !isOverQuota
  }
}
